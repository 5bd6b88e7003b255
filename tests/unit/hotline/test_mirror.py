"""Where Debian's archive is, in every form in which apt's sources are written."""

from pathlib import Path

import pytest

from hotline.installation.mirror import find_debian_mirror, read_os_release

DEB822 = """\
Types: deb
# a comment of the image's maker
URIs: http://archive.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://archive.example/debian-security
Suites: bookworm-security
Components: main
"""


def _apt(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_the_mirror_is_read_from_stanzas(tmp_path: Path) -> None:
    apt = _apt(tmp_path, "sources.list.d/debian.sources", DEB822)
    assert find_debian_mirror(apt, "bookworm") == "http://archive.example/debian"


def test_a_disabled_stanza_is_passed_over(tmp_path: Path) -> None:
    apt = _apt(tmp_path, "sources.list.d/debian.sources", "Enabled: no\n" + DEB822)
    assert find_debian_mirror(apt, "bookworm") is None


@pytest.mark.parametrize("options", ["", "[signed-by=/usr/share/keyrings/k.gpg arch=amd64] "])
def test_the_mirror_is_read_from_lines(tmp_path: Path, options: str) -> None:
    text = (
        f"# deb http://old.example/d bookworm main\ndeb {options}http://x.example/d bookworm main\n"
    )
    assert find_debian_mirror(_apt(tmp_path, "sources.list", text), "bookworm") == (
        "http://x.example/d"
    )


def test_an_archive_of_somebody_else_is_not_debians(tmp_path: Path) -> None:
    apt = _apt(tmp_path, "sources.list.d/node.list", "deb http://x.example/node nodistro main\n")
    assert find_debian_mirror(apt, "bookworm") is None


def test_the_security_archive_is_never_the_mirror(tmp_path: Path) -> None:
    text = "deb http://x.example/debian-security bookworm main\n"
    assert find_debian_mirror(_apt(tmp_path, "sources.list", text), "bookworm") is None


def test_a_file_of_mirrors_gives_its_first_one(tmp_path: Path) -> None:
    _apt(tmp_path, "mirrors/debian.list", "# ours\nhttp://near.example/debian\tpriority:1\n")
    text = f"deb mirror+file:{tmp_path}/mirrors/debian.list bookworm main\n"
    assert find_debian_mirror(_apt(tmp_path, "sources.list", text), "bookworm") == (
        "http://near.example/debian"
    )


def test_the_distribution_is_known_by_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "os-release"
    path.write_text('ID=debian\nVERSION_CODENAME=bookworm\nNAME="Debian GNU/Linux"\n')
    assert read_os_release(path)["NAME"] == "Debian GNU/Linux"
