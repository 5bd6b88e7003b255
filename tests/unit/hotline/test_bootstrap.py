"""What a bare machine is told and given."""

import pytest

from hotline import bootstrap


def test_a_complete_machine_needs_no_apt() -> None:
    assert bootstrap.install_system_packages([]) == ""


def test_without_root_the_one_line_to_run_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(
        bootstrap.shutil, "which", lambda name: "/usr/bin/apt-get" if name == "apt-get" else None
    )
    answer = bootstrap.install_system_packages(["nodejs", "npm"])
    assert "sudo apt-get update && sudo apt-get install -y nodejs npm" in answer


def test_another_linux_is_told_to_use_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    assert "docker compose up" in bootstrap.install_system_packages(["nodejs"])


def test_only_development_asks_for_a_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _: None)
    assert "chromium" in bootstrap.missing_packages(dev=True)
    assert "chromium" not in bootstrap.missing_packages(dev=False)


def test_an_old_python_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    assert "3.11 or newer" in bootstrap.check_python()


def test_a_development_environment_is_no_smaller_than_a_plain_one() -> None:
    plain, development = (
        {
            line.split("==")[0]
            for line in (bootstrap.ROOT / name).read_text(encoding="utf-8").splitlines()
            if "==" in line
        }
        for name in ("requirements.lock", "requirements-dev.lock")
    )
    assert plain <= development
