"""A set-up step leaves its folder whole or not at all."""

from pathlib import Path

import pytest

from hotline.installation.steps import Folder, SetupFailed, fill


def _write(name: str):  # type: ignore[no-untyped-def]  # a builder of a folder
    def build(new: Path) -> None:
        (new / name).write_text(name, encoding="utf-8")

    return build


def test_a_filled_folder_is_not_built_again(tmp_path: Path) -> None:
    folder = Folder("programs", tmp_path / "programs", ("1",))
    assert fill(folder, _write("one"))
    assert not fill(folder, _write("two"))
    assert (folder.path / "one").is_file()


def test_other_inputs_replace_the_whole_folder(tmp_path: Path) -> None:
    fill(Folder("programs", tmp_path / "programs", ("1",)), _write("one"))
    assert fill(Folder("programs", tmp_path / "programs", ("2",)), _write("two"))
    assert sorted(path.name for path in (tmp_path / "programs").iterdir()) == [".stamp", "two"]


def test_a_failing_step_leaves_what_was_there(tmp_path: Path) -> None:
    fill(Folder("programs", tmp_path / "programs", ("1",)), _write("one"))

    def fail(new: Path) -> None:
        (new / "half").write_text("", encoding="utf-8")
        raise SetupFailed("no room")

    with pytest.raises(SetupFailed):
        fill(Folder("programs", tmp_path / "programs", ("2",)), fail)
    assert (tmp_path / "programs" / "one").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["programs"]


def test_what_a_killed_run_left_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / ".programs-new-killed").mkdir()
    (tmp_path / ".programs-new-killed" / "half").write_text("", encoding="utf-8")
    fill(Folder("programs", tmp_path / "programs", ("1",)), _write("one"))
    assert [path.name for path in tmp_path.iterdir()] == ["programs"]


def test_a_folder_without_its_stamp_is_built_again(tmp_path: Path) -> None:
    folder = Folder("programs", tmp_path / "programs", ("1",))
    fill(folder, _write("one"))
    (folder.path / ".stamp").unlink()
    assert fill(folder, _write("two"))
