"""`hotline prompts`: check, render and take in the audio of the voice prompts."""

import argparse
import os
from pathlib import Path

from core.config import PROJECT, Settings, load_settings
from hotline.prompts_render.calls import render_lines, stale_lines
from hotline.prompts_render.manifest import PromptFolder
from hotline.prompts_render.render import drop_strangers, render, take_in, write_silences
from hotline.prompts_render.voice import Voices, assemble_model

_CALLS = PROJECT / "simulator" / "voices"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand and its own subcommands."""
    parser = subparsers.add_parser("prompts", help="语音提示：检查、合成、录入 / voice prompts")
    kinds = parser.add_subparsers(required=True, metavar="WHAT")
    check = kinds.add_parser("check", help="每条文字都有自己的录音吗 / has every text its audio")
    check.set_defaults(run=run_check)
    render = kinds.add_parser("render", help="合成有变化的提示语 / render what changed")
    render.add_argument("--voices", type=Path, help="folder of the voice files (<voice>.bin)")
    render.add_argument("--model", type=Path, help="another Kokoro model file (ONNX)")
    render.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    render.add_argument("--calls", action="store_true", help="the simulator's spoken calls too")
    render.set_defaults(run=run_render)
    add = kinds.add_parser("add", help="录入录音棚录音 / take in a studio recording")
    add.add_argument("language")
    add.add_argument("piece", help="id in catalogue.toml, with -1, -2 for parts of a sentence")
    add.add_argument("recording", type=Path)
    add.set_defaults(run=run_add)


def run_check(_: argparse.Namespace) -> int:
    """Name every piece whose audio does not belong to its text."""
    folder = PromptFolder(load_settings(os.environ).prompts_dir)
    problems = folder.problems()
    for problem in problems:
        print(f"{problem.language}/{problem.piece}: {problem.reason}")
    for stranger in folder.strangers():
        print(f"{stranger.parent.name}/{stranger.stem}: 目录中没有这一条（可删除）")
    print(f"提示语 {sum(1 for _ in folder.wanted())} 条，{len(problems)} 条有问题")
    return 1 if problems else 0


def run_render(arguments: argparse.Namespace) -> int:
    """Render what changed; does not load the model when nothing did."""
    settings = load_settings(os.environ)
    folder = PromptFolder(settings.prompts_dir)
    write_silences(folder)
    for path in drop_strangers(folder):
        print(f"- {path.parent.name}/{path.stem}")
    stale = folder.stale()
    calls = stale_lines(_CALLS) if arguments.calls else []
    if not stale and not calls:
        print("没有变化，无需合成")
        return 0
    speaker = _speaker(settings, arguments)
    render(folder, speaker, stale, lambda w, s: print(f"{w.language}/{w.piece} {s} 秒"))
    if calls:
        render_lines(_CALLS, speaker, lambda line, s: print(f"{line.audio} {s} 秒"))
    return 0


def run_add(arguments: argparse.Namespace) -> int:
    """Register a recording for today's text."""
    folder = PromptFolder(load_settings(os.environ).prompts_dir)
    take = take_in(folder, arguments.language, arguments.piece, arguments.recording)
    print(f"{arguments.language}/{arguments.piece} {take.seconds} 秒")
    return 0


def _speaker(settings: Settings, arguments: argparse.Namespace) -> Voices:
    folder = settings.runtime_dir / "voices"
    model = arguments.model or assemble_model(folder / "kokoro.onnx")
    return Voices(model, arguments.voices or folder, threads=arguments.threads)
