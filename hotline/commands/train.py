"""`hotline train`: learn categories from the city's files, and keep the model beside them."""

import argparse
import os
import time
from pathlib import Path

from core.config import load_settings
from core.errors import InputRefused
from hotline.commands.draft import default_knowledge
from recordings.drafting.api import load_knowledge, train

MODEL_FILE = "category-model.json"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the subcommand."""
    parser = subparsers.add_parser("train", help="训练分类模型 / learn categories from history")
    parser.add_argument("--knowledge", type=Path, help="城市资料文件夹 / the city's files")
    parser.add_argument("--out", type=Path, help="模型文件 / where to put the model")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Train, save whole or not at all, and say how long it took."""
    folder = arguments.knowledge or default_knowledge()
    knowledge = load_knowledge(folder)
    if not knowledge.taxonomy:
        raise InputRefused(f"{folder} 中没有 taxonomy.json，无法训练")
    target = arguments.out or load_settings(os.environ).state_dir / MODEL_FILE
    began = time.perf_counter()
    model = train(knowledge)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    unfinished.write_text(model.to_json(), encoding="utf-8")
    unfinished.replace(target)
    print(f"已训练 {len(model.labels)} 个类别，用时 {time.perf_counter() - began:.1f} 秒：{target}")
    return 0
