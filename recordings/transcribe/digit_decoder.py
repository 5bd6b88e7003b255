"""Whisper's text decoder in numpy, so that we may choose which tokens are allowed when.

One shared beginning (the words before the number) and many short continuations: the keys and
values of the beginning are kept once, those of a continuation with its row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from recordings.transcribe.digit_weights import Array

HEADS, HEAD_WIDTH = 8, 64
NEVER = np.float32(-1e9)
SCALE = np.float32(HEAD_WIDTH**-0.5)
Rows = npt.NDArray[np.integer]
Attend = Callable[[int, Array, Array, Array], Array]


@dataclass(frozen=True)
class Memory:
    """Keys and values of one continuation: [tokens, layers, heads, width] each."""

    keys: Array
    values: Array

    def __len__(self) -> int:
        return len(self.keys)


def _softmax(x: Array) -> Array:
    raised: Array = np.exp(x - x.max(-1, keepdims=True))
    raised /= raised.sum(-1, keepdims=True)
    return raised


class DigitDecoder:
    """Log-probabilities of the next token after a beginning and a continuation."""

    def __init__(self, weights: dict[str, Array], vocabulary: int) -> None:
        self._w = weights
        self.layers = len({n.split("/", 1)[0] for n in weights if re.match(r"layer_\d", n)})
        self._out = np.ascontiguousarray(weights["embeddings/weight"][:vocabulary].T)
        self._heard: list[tuple[Array, Array]] = []
        self._before: list[tuple[Array, Array]] = []

    def nothing(self) -> Memory:
        """The memory of a continuation that has not begun."""
        empty = np.zeros((0, self.layers, HEADS, HEAD_WIDTH), np.float32)
        return Memory(empty, empty)

    def hear(self, encoded: Array) -> None:
        """Take the encoder's view of one stretch of sound: [frames, width]."""
        self._heard = []
        for i in range(self.layers):
            keys, values = np.split(self._linear(encoded, f"layer_{i}/attention/linear_1"), 2, -1)
            self._heard.append((_split(keys).transpose(1, 2, 0), _split(values).transpose(1, 0, 2)))

    def begin(self, tokens: Sequence[int]) -> Array:
        """Read the beginning; [tokens, vocabulary]: what may follow each of its tokens."""
        count = len(tokens)
        self._before = []
        ahead = np.triu(np.full((count, count), NEVER, np.float32), 1)

        def attend(_: int, q: Array, k: Array, v: Array) -> Array:
            self._before.append((k, v))
            shares = _softmax(np.einsum("thd,shd->hts", q, k) + ahead)
            taken: Array = np.einsum("hts,shd->thd", shares, v)
            return taken

        return self._follow(self._run(np.asarray(tokens), np.arange(count), attend))

    def step(
        self, tokens: Sequence[int], seen: Sequence[int], memories: Sequence[Memory]
    ) -> tuple[Array, list[Memory]]:
        """One more token for every row; seen: how much of the beginning each row stands on."""
        sizes = [len(memory) for memory in memories]
        count, longest = len(self._before[0][0]), max(sizes) + 1
        mask = np.full((len(tokens), 1, count + longest), NEVER, np.float32)
        for row, size in enumerate(sizes):
            mask[row, :, : seen[row]] = 0
            mask[row, :, count : count + size + 1] = 0
        new: list[tuple[Array, Array]] = []

        def attend(layer: int, q: Array, k: Array, v: Array) -> Array:
            new.append((k, v))
            own_k, own_v = self._own(layer, (k, v), memories, longest)
            keys, values = self._before[layer]
            near = np.einsum("rhd,rthd->rht", q, own_k)
            shares = _softmax(np.concatenate([np.einsum("rhd,shd->rhs", q, keys), near], -1) + mask)
            far = np.einsum("rhs,shd->rhd", shares[..., :count], values)
            taken: Array = far + np.einsum("rht,rthd->rhd", shares[..., count:], own_v)
            return taken

        positions = np.asarray(seen) + np.asarray(sizes)
        follow = self._follow(self._run(np.asarray(tokens), positions, attend))
        keys, values = (np.stack([layer[which] for layer in new], 1) for which in (0, 1))
        grown = [
            Memory(
                np.concatenate([memory.keys, keys[row : row + 1]]),
                np.concatenate([memory.values, values[row : row + 1]]),
            )
            for row, memory in enumerate(memories)
        ]
        return follow, grown

    def _own(
        self, layer: int, now: tuple[Array, Array], memories: Sequence[Memory], longest: int
    ) -> tuple[Array, Array]:
        shape = (len(memories), longest, HEADS, HEAD_WIDTH)
        keys, values = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        for row, memory in enumerate(memories):
            size = len(memory)
            keys[row, :size], values[row, :size] = memory.keys[:, layer], memory.values[:, layer]
            keys[row, size], values[row, size] = now[0][row], now[1][row]
        return keys, values

    def _run(self, tokens: Rows, positions: Rows, attend: Attend) -> Array:
        x = (
            self._w["embeddings/weight"][tokens]
            + self._w["position_encodings/encodings"][positions]
        )
        for i in range(self.layers):
            name = f"layer_{i}/"
            mixed = self._linear(
                self._normed(x, name + "self_attention"), name + "self_attention/linear_0"
            )
            q, k, v = (_split(part) for part in np.split(mixed, 3, -1))
            taken = attend(i, q * SCALE, k, v).reshape(x.shape)
            x = x + self._linear(taken, name + "self_attention/linear_1")
            asked = self._linear(self._normed(x, name + "attention"), name + "attention/linear_0")
            keys, values = self._heard[i]
            scores: Array = (_split(asked).transpose(1, 0, 2) * SCALE @ keys).astype(np.float32)
            shares = _softmax(scores)
            heard = (shares @ values).transpose(1, 0, 2).reshape(x.shape)
            x = x + self._linear(heard, name + "attention/linear_2")
            inner = self._linear(self._normed(x, name + "ffn"), name + "ffn/linear_0")
            inner = 0.5 * inner * (1 + erf(inner / np.float32(2**0.5)))
            x = x + self._linear(inner, name + "ffn/linear_1")
        result: Array = x
        return result

    def _follow(self, x: Array) -> Array:
        logits = self._normed(x, "") @ self._out
        logits -= logits.max(-1, keepdims=True)
        result: Array = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return result

    def _normed(self, x: Array, name: str) -> Array:
        prefix = f"{name}/layer_norm" if name else "layer_norm"
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-5)
        result: Array = x * self._w[f"{prefix}/gamma"] + self._w[f"{prefix}/beta"]
        return result

    def _linear(self, x: Array, name: str) -> Array:
        result: Array = x @ self._w[f"{name}/weight"].T + self._w[f"{name}/bias"]
        return result


def _split(x: Array) -> Array:
    """[..., width] -> [..., heads, width of a head]."""
    return x.reshape(*x.shape[:-1], HEADS, -1)
