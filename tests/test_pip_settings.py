"""Set-up keeps to its virtual environment, whatever pip is set to; where pip looks is kept."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def settings(root: Path) -> ModuleType:
    """The module beside the set-up, which is no package."""
    spec = importlib.util.spec_from_file_location("pip_settings", root / ".ci" / "pip_settings.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


KEPT = {
    "PIP_INDEX_URL": "https://packages.example/simple",
    "PIP_PROXY": "http://proxy.example:3128",
    "PIP_CERT": "/etc/ours.pem",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "PYTHONUTF8": "1",
    "PATH": "/usr/bin",
}


@pytest.mark.parametrize(
    "name",
    ["PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_user",
     "PYTHONPATH", "PYTHONHOME", "PYTHONUSERBASE"],
)  # fmt: skip
def test_what_leads_out_is_taken_out(settings: ModuleType, tmp_path: Path, name: str) -> None:
    environment = KEPT | {name: "1"}
    assert settings.set_aside(environment, tmp_path) == [name]
    assert environment == KEPT


def test_the_rest_of_a_file_of_settings_is_kept(settings: ModuleType, tmp_path: Path) -> None:
    given = tmp_path / "given.conf"
    given.write_text(
        "[global]\nindex-url = https://u:p%40ss@packages.example/simple\nuser = true\n"
        "[install]\ntarget = /elsewhere\ntrusted-host =\n  a.example\n  b.example\nno_user = 1\n"
    )
    environment = {"PIP_CONFIG_FILE": str(given)}
    gone = settings.set_aside(environment, tmp_path)
    assert [one.split()[0] for one in gone] == ["user", "target"]
    assert all(str(given) in one for one in gone)
    made = Path(environment["PIP_CONFIG_FILE"])
    text = made.read_text()
    assert made.parent == tmp_path and made.stat().st_mode & 0o077 == 0
    assert "user =" not in text.replace("no_user =", "") and "target" not in text
    assert "https://u:p%40ss@packages.example/simple" in text
    assert "a.example" in text and "b.example" in text


@pytest.mark.parametrize("text", ["[global]\ntimeout = 9\n", "no section\n", ""])
def test_a_file_that_leads_nowhere_else_is_left_as_it_is(
    settings: ModuleType, tmp_path: Path, text: str
) -> None:
    given = tmp_path / "given.conf"
    given.write_text(text)
    environment = {"PIP_CONFIG_FILE": str(given)}
    assert settings.set_aside(environment, tmp_path) == []
    assert environment == {"PIP_CONFIG_FILE": str(given)}
    for other in (os.devnull, str(tmp_path / "missing"), ""):
        assert settings.set_aside({"PIP_CONFIG_FILE": other}, tmp_path) == []


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("wheel") / "tiny_sample-1.0-py3-none-any.whl"
    about = "Metadata-Version: 2.1\nName: tiny-sample\nVersion: 1.0\n"
    kind = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny_sample.py", "HERE = __file__\n")
        archive.writestr("tiny_sample-1.0.dist-info/METADATA", about)
        archive.writestr("tiny_sample-1.0.dist-info/WHEEL", kind)
        archive.writestr("tiny_sample-1.0.dist-info/RECORD", "")
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, settings: ModuleType) -> Path:
    """A virtual environment with settings of its own."""
    path = tmp_path_factory.mktemp("made") / "venv"
    subprocess.run([sys.executable, "-m", "venv", path], check=True, timeout=120)
    settings.write_own(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("where", ["environment", "the user's file", "a named file"])
@pytest.mark.parametrize(
    ("option", "value"),
    [("user", "1"), ("target", "out"), ("prefix", "out"), ("root", "out"), ("dry-run", "1")],
)
def test_pip_installs_into_the_environment(
    settings: ModuleType,
    made: Path,
    tmp_path: Path,
    wheel: Path,
    where: str,
    option: str,
    value: str,
) -> None:
    home = tmp_path / "home"
    for old in made.rglob("tiny_sample*"):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    value = str(tmp_path / value) if value == "out" else value
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "PYTHONPATH": str(tmp_path / "broken"),
    }
    (tmp_path / "broken" / "pip").mkdir(parents=True)
    (tmp_path / "broken" / "pip" / "__init__.py").write_text("raise ImportError('not this')\n")
    line = f"{option} = {value}\n"
    if where == "environment":
        environment[f"PIP_{option.upper().replace('-', '_')}"] = value
    elif where == "a named file":
        (tmp_path / "named.conf").write_text(f"[install]\n{line}")
        environment["PIP_CONFIG_FILE"] = str(tmp_path / "named.conf")
    else:
        (home / ".config" / "pip").mkdir(parents=True)
        (home / ".config" / "pip" / "pip.conf").write_text(f"[global]\n{line}[install]\n{line}")
    settings.set_aside(environment, tmp_path)

    def told(*command: str | Path) -> str:
        done = subprocess.run(
            command, env=environment, check=True, capture_output=True, text=True, timeout=120
        )
        return done.stdout

    python = made / "bin" / "python"
    told(python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel)
    found = told(python, "-c", "import tiny_sample; print(tiny_sample.HERE)")
    assert Path(found.strip()).is_relative_to(made)
