"""Files named in `deploy/` exist, ports are closed to the outside, no secret is stored. No container runs here."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from nba_platform.config.settings import VARIABLES
from nba_platform.orchestration.instance import OF_DAGSTER

DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "nba-props-platform"}
EXAMPLE = dict(
    line.split("=", 1)
    for line in (DEPLOY / "nba.env.example").read_text().splitlines()
    if line and not line.startswith("#")
)
UNITS = {file.stem.removeprefix("nba-"): file.read_text() for file in (DEPLOY / "systemd").glob("*.service")}
WHOLE = "".join(file.read_text() for file in DEPLOY.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def test_the_services_are_the_three_processes_their_records_and_who_prepares_them():
    assert set(SERVICES) == {"records", "prepare", "code", "daemon", "web"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_can_say_that_they_are_ready(name):
    for other, wanted in SERVICES[name].get("depends_on", {}).items():
        if wanted["condition"] == "service_healthy":
            assert SERVICES[other]["healthcheck"]["test"]
        else:
            assert wanted["condition"] == "service_completed_successfully"
            assert SERVICES[other]["restart"] == "no"


def test_every_service_can_be_started_in_some_order():
    started: set[str] = set()
    while left := set(SERVICES) - started:
        ready = {name for name in left if set(SERVICES[name].get("depends_on", {})) <= started}
        assert ready, f"these wait for each other: {left}"
        started |= ready


def test_every_volume_is_declared_and_every_declared_one_is_used():
    mounted = [volume.rpartition(":/")[0] for service in SERVICES.values() for volume in service["volumes"]]
    assert {name for name in mounted if name.isidentifier()} == set(COMPOSE["volumes"])


def test_every_variable_the_file_asks_for_is_in_the_example():
    asked = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    assert asked == {"NBA_POSTGRES_PASSWORD", "NBA_ARCHIVE_ON_HOST"}
    assert asked <= set(EXAMPLE)


def test_doctor_knows_every_variable_that_is_set_here():
    """It said of the password that nobody reads it, and to unset it."""
    named = {*EXAMPLE, *OURS["code"]["environment"], *re.findall(r"\b(NBA_\w+)=", "".join(UNITS.values()))}
    assert {name for name in named if name.startswith("NBA_")} <= {variable.name for variable in VARIABLES}


def test_nothing_but_the_web_server_is_published_and_that_only_on_the_machine_itself():
    assert {name: service["ports"] for name, service in SERVICES.items() if "ports" in service} == {
        "web": ["127.0.0.1:3000:3000"]
    }
    addresses = re.findall(r"-h (\S+)", "".join(UNITS.values()))
    assert addresses == ["127.0.0.1"] * 2


def test_no_secret_has_a_value_here():
    secrets = {name: value for name, value in EXAMPLE.items() if re.search("PASSWORD|KEY|WEBHOOK|POSTGRES", name)}
    assert len(secrets) >= 2
    assert set(secrets.values()) == {""}
    assert not re.search(r"://\w+:(?!\$\{)[^@\s]+@", WHOLE)


@pytest.mark.parametrize("name", OURS)
def test_our_processes_see_each_other_and_may_do_nothing_else(name):
    """A run is marked as failed when its process is gone: a daemon that sees only itself would fail all runs."""
    assert OURS[name]["pid"] == "host"
    assert OURS[name]["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in OURS[name]["security_opt"]


@pytest.mark.parametrize("name", ["code", "daemon", "web"])
def test_systemd_and_compose_run_the_same_commands(name):
    (started,) = re.findall(r"^ExecStart=/opt/nba/\.venv/bin/(.+)$", UNITS[name], re.MULTILINE)
    inside = started.replace("/opt/nba/deploy/workspace.yaml", "/etc/nba/workspace.yaml").replace(
        "127.0.0.1", "0.0.0.0"
    )
    assert shlex.split(inside) == SERVICES[name]["command"]


def test_the_image_is_ours_to_run_as_nobody_special_with_pinned_libraries():
    image = (DEPLOY / "Containerfile").read_text()
    assert "FROM python:3.11-slim" in image
    assert "-c /src/constraints.txt" in image
    assert image.index("useradd") < image.index("USER nba") < image.index("CMD")
    assert "HEALTHCHECK" in image
    assert all(f"    {name}={value} \\\n" in image for name, value in OF_DAGSTER.items())
    for source in re.findall(r"^COPY (deploy/.*) \S+$", image, re.MULTILINE):
        assert all((DEPLOY.parent / name).exists() for name in source.split())


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
def test_a_unit_keeps_its_settings_in_one_file_and_its_state_in_one_folder(unit):
    assert "EnvironmentFile=/etc/nba/nba.env" in unit
    assert "NBA_HOME=/var/lib/nba DAGSTER_HOME=/var/lib/nba/dagster" in unit
    assert f"Environment={' '.join(f'{name}={value}' for name, value in OF_DAGSTER.items())}\n" in unit
    assert "User=nba" in unit
    assert "StateDirectoryMode=0700\nUMask=0077" in unit
