"""The wheel, built and installed where there is nothing else of the project, and asked.

It runs the installed command in an empty folder, so that what works only in the checkout fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

# Told from what was read of the document when the index was built, so that no model is asked: the
# one that is named cannot be reached.
NO_MODEL = "http://127.0.0.1:9/v1#none"
QUESTION = "沪商电商〔2021〕121号分几个部分、多少条？"
PARTS = ("index", "rag", "eval", "prompts", "app.py", "tiaowen.py")


@dataclass(frozen=True)
class Installed:
    """The command in an environment of its own, an empty folder to run in, and the wheel."""

    command: Path
    folder: Path
    wheel: Path

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command; what it prints and how it ended."""
        return run(str(self.command), *arguments, cwd=self.folder)


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    surroundings = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        command,
        cwd=cwd,
        env=surroundings,
        capture_output=True,
        encoding="utf-8",
        timeout=600,
        check=False,
    )


def built(root: Path, folder: Path) -> Path:
    done = run(
        sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=root
    )
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("elsewhere")
    wheel = built(root, tmp_path_factory.mktemp("wheel"))
    environment = folder / "environment"
    venv.create(environment, with_pip=True)
    python = environment / "bin" / "python"
    arguments = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    done = run(str(python), *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    # The libraries are those that the tests run with. Paths files among them are not followed, so
    # that the checkout, which is installed there as it is, stays out of sight.
    (site,) = environment.glob("lib/python*/site-packages")
    paths = dict.fromkeys((sysconfig.get_path("purelib"), sysconfig.get_path("platlib")))
    (site / "libraries.pth").write_text("\n".join(paths) + "\n", encoding="utf-8")
    empty = folder / "empty"
    empty.mkdir()
    return Installed(environment / "bin" / "tiaowen", empty, wheel)


@pytest.fixture(scope="module")
def index(installed: Installed) -> Path:
    folder = installed.folder.parent / "index"
    done = installed.run("build", "--out", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_parts(root: Path, installed: Installed) -> None:
    if not (root / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of the project's files")
    listed = run("git", "ls-files", "-z", *PARTS, cwd=root).stdout.split("\0")
    expected = {name for name in listed if name and (root / name).is_file()}
    held = set(zipfile.ZipFile(installed.wheel).namelist())
    assert {"index/request/heads.npz", "prompts/rules/conversation.json", "tiaowen.py"} <= expected
    assert sorted(expected - held) == []
    # Nothing lies in the environment's folder but the parts and what tells of the wheel.
    strangers = {name.split("/")[0] for name in held} - {*PARTS, "tiaowen-0.1.0.dist-info"}
    assert strangers == set()


@pytest.mark.slow
def test_the_installed_modules_are_the_wheels(installed: Installed) -> None:
    python = installed.command.with_name("python")
    files = "import app, eval, index, rag, prompts, tiaowen as t; print(index.__file__, t.__file__)"
    done = run(str(python), "-c", files, cwd=installed.folder)
    environment = str(installed.command.parents[1])
    assert done.returncode == 0, done.stderr
    assert all(file.startswith(environment) for file in done.stdout.split())


@pytest.mark.slow
def test_check_reads_a_document(installed: Installed, tmp_path: Path) -> None:
    notice = tmp_path / "notice.txt"
    notice.write_text(
        "停车管理办法\n第一条 车辆应当停入车位。\n第二条 本办法自发布之日起施行。\n", "utf-8"
    )
    done = installed.run("check", str(notice))
    assert done.returncode == 0, done.stderr
    assert [clause["path"] for clause in json.loads(done.stdout)["clauses"]][-2:] == [
        "第一条",
        "第二条",
    ]


@pytest.mark.slow
def test_records_are_brought_up_to_date(installed: Installed, tmp_path: Path) -> None:
    (tmp_path / "a.sqlite").touch()
    done = installed.run(
        "records", "migrate", str(tmp_path / "a.sqlite"), str(tmp_path / "b.sqlite")
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"change": 0, "judgement": 0}


@pytest.mark.slow
def test_search_finds_what_is_built_in(installed: Installed, index: Path) -> None:
    question = "江苏到2025年农村网络零售额要达到多少？"
    done = installed.run("search", question, "--index", str(index), "-k", "3")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["hits"][0]["clause_id"] == "jiangsu-ecommerce#一"


@pytest.mark.slow
def test_a_question_is_answered(installed: Installed, index: Path) -> None:
    done = installed.run("ask", QUESTION, "--json", "--index", str(index), "--model", NO_MODEL)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert answer["outcome"] == "answered"
    assert answer["answer"].startswith("沪商电商〔2021〕121号共7个部分、24条")
    assert answer["citations"][0]["clause_id"].startswith("shanghai-2021#")
    assert list(installed.folder.iterdir()) == []


@pytest.mark.slow
def test_what_is_wrong_is_one_line(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("check", str(tmp_path / "gone.txt"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
