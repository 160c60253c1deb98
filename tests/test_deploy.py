"""What docs/deploy holds is read by its own programs; nothing of it is started."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.main import get_command

import app
from rag.web.sso.settings import read_settings

SERVERS = ["server-1", "server-2", "server-3"]


@pytest.fixture
def deploy(root: Path) -> Path:
    return root / "docs" / "deploy"


def program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        pytest.fail(f"no {name}; install it: bash .ci/deploy.sh")
    return path


def read_by(command: Sequence[str], **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        env={"PATH": "/usr/bin:/bin", **more},
    )


def environment(deploy: Path) -> dict[str, str]:
    """What env.example asks for, filled in."""
    names = re.findall(r"^([A-Z_]+)=$", (deploy / "env.example").read_text("utf-8"), re.M)
    return {name: "filled-in-" + "x" * 32 for name in names}


def composed(deploy: Path, **given: str) -> subprocess.CompletedProcess[str]:
    command = [program("docker-compose"), "-f", str(deploy / "compose.yaml"), "config"]
    return read_by(command, **given)


def test_the_compose_file_is_one(deploy: Path) -> None:
    import yaml

    done = composed(deploy, **environment(deploy))
    assert done.returncode == 0, done.stderr
    read = yaml.safe_load(done.stdout)
    services = read["services"]
    assert services.keys() == {"nginx", "postgres", "redis", "milvus", "vllm", *SERVERS}
    published = {name for name, one in services.items() if one.get("ports")}
    assert published == {"nginx"}
    first, *others = (services[name] for name in SERVERS)
    assert others == [first, first]
    # Each of the program's secrets must be given, and a file without one is refused.
    assert "TIAOWEN_SESSION_SECRET" in first["environment"]
    for name in ("TIAOWEN_SESSION_SECRET", "TIAOWEN_MANAGER_TOKEN", "POSTGRES_PASSWORD"):
        lacking = {key: value for key, value in environment(deploy).items() if key != name}
        refused = composed(deploy, **lacking)
        assert refused.returncode != 0 and name in refused.stderr


def test_the_servers_are_started_with_options_that_there_are(deploy: Path) -> None:
    import typer
    import yaml

    command = typer.Typer()
    command.command()(app.main)
    known = {option for one in get_command(command).params for option in one.opts}
    read = yaml.safe_load((deploy / "compose.yaml").read_text("utf-8"))
    unit = (deploy / "tiaowen.service").read_text("utf-8")
    used = {each.partition("=")[0] for each in read["x-server"]["command"]}
    used |= set(re.findall(r" (--[a-z-]+)", re.findall(r"^ExecStart=(.*)$", unit, re.M)[0]))
    assert len(used) > 8 and used <= known
    # One model serves all, which answers many at once.
    assert "--parallel" in used


def test_the_unit_is_one(deploy: Path, tmp_path: Path) -> None:
    text = (deploy / "tiaowen.service").read_text("utf-8")
    assert "/opt/tiaowen/.venv/bin/python" in text
    unit = tmp_path / "tiaowen.service"
    # What it starts must be there to be looked at.
    unit.write_text(text.replace("/opt/tiaowen/.venv/bin/python", sys.executable), "utf-8")
    command = [program("systemd-analyze"), "verify", "--man=no", str(unit)]
    done = read_by(command)
    assert (done.returncode, done.stderr) == (0, "")
    unit.write_text(unit.read_text("utf-8").replace("Restart=on-failure", "Restart=perhaps"))
    assert "restart" in read_by(command).stderr


def test_nginx_takes_its_file(deploy: Path, tmp_path: Path) -> None:
    text = (deploy / "nginx.conf").read_text("utf-8")
    for name in SERVERS:
        assert f"server {name}:7860" in text
        text = text.replace(f"server {name}:7860", "server 127.0.0.1:7860")
    text = text.replace("/tmp/nginx.pid", str(tmp_path / "pid"))
    (tmp_path / "nginx.conf").write_text(text, "utf-8")
    command = [program("nginx"), "-t", "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    done = read_by(command)
    assert done.returncode == 0 and "test is successful" in done.stderr, done.stderr
    (tmp_path / "nginx.conf").write_text(text.replace("proxy_buffering off", "proxy_buffering"))
    assert read_by(command).returncode != 0


def test_the_settings_of_signing_in_are_read(deploy: Path) -> None:
    settings = read_settings(deploy / "sso.toml")
    assert (settings.client, settings.ask, settings.manage) == (
        "tiaowen",
        ("staff",),
        ("librarians",),
    )
