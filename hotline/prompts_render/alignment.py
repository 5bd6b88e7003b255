"""Makes the voice model tell how long it speaks each phoneme, so that a word can be cut out.

A word spoken alone is hard to understand; the same word out of a sentence is not.
"""

import importlib
from pathlib import Path

from hotline.prompts_render.missing import ExtraMissing

#: The node whose result is the number of frames of each phoneme.
DURATIONS = "/encoder/Clip_output_0"


def add_durations(model: Path) -> None:
    """Name the durations as an output of the model file, if they are not one yet."""
    try:
        onnx = importlib.import_module("onnx")  # the optional extra
    except ImportError as error:
        raise ExtraMissing("onnx") from error
    graph = onnx.load(str(model))
    if any(output.name == DURATIONS for output in graph.graph.output):
        return
    if not any(DURATIONS in node.output for node in graph.graph.node):
        raise ExtraMissing("kokoro model with durations")
    graph.graph.output.append(onnx.helper.make_empty_tensor_value_info(DURATIONS))
    unfinished = model.with_suffix(".part")
    onnx.save(graph, str(unfinished))
    unfinished.replace(model)
