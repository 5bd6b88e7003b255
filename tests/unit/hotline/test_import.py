"""A city's files: read with clear errors, and the same file twice changes nothing."""

import json
from pathlib import Path

import pytest

from core.errors import InputRefused
from hotline.cli import build_parser
from hotline.commands.import_ import read

PLACE = {"id": "p1", "name": "文昌路", "kind": "road", "lat": 32.1, "lon": 121.0, "grid": "G1"}


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        ("gazetteer", '[{"id" "p1"}]', "第 1 行第 8 列"),
        ("gazetteer", '[\n{"id": "p1", "kind": "road"}]', "第 2 行"),
        ("gazetteer", '{"id": "p1", "name": "路", "kind": "road", "lat": 999}', "不是经纬度"),
        ("gazetteer", json.dumps([PLACE, PLACE]), "“p1”出现了 2 次"),
        ("gazetteer", "", "文件是空的"),
        ("departments", '[{"kind": "局"}]', "第 1 行"),
        ("taxonomy", '{"城市管理": "路灯"}', "“城市管理”需要二级类别名称的列表"),
        ("history", '{"id": "h1", "text": "x", "created_at": "昨天"}', "“created_at”不是时间"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(
    tmp_path: Path, kind: str, text: str, told: str
) -> None:
    with pytest.raises(InputRefused, match=r"文件|行|经纬度|次|类别") as refused:
        read(kind, written(tmp_path, "f.json", text))
    assert told in refused.value.message
    assert "f.json" in refused.value.message


def test_a_file_that_is_not_text_or_not_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "b.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputRefused, match="UTF-8"):
        read("gazetteer", tmp_path / "b.json")
    with pytest.raises(InputRefused, match="没有找到文件"):
        read("gazetteer", tmp_path / "none.json")


def test_a_good_file_gives_rows(tmp_path: Path) -> None:
    (row,) = read("gazetteer", written(tmp_path, "g.json", json.dumps([PLACE])))
    assert (row["name"], row["grid"], row["in_jurisdiction"]) == ("文昌路", "G1", True)


def test_the_command_is_called_import() -> None:
    args = build_parser(["import"]).parse_args(["import", "gazetteer", "x.json", "--check"])
    assert (args.kind, args.check) == ("gazetteer", True)
