"""Rules that hold for the whole project: its lock, its texts, its modules, its light start-up."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HEAVY = (
    "cv2", "faiss", "gradio", "llama_cpp", "mcp", "onnxruntime", "rapidocr",
    "sentence_transformers", "torch", "transformers",
)  # fmt: skip

# Put together here, so that this file does not hold what it looks for.
REGISTRY_HOSTS = (
    ".".join(("pypi", "org")),
    ".".join(("pythonhosted", "org")),
    ".".join(("npmjs", "org")),
    ".".join(("deb", "debian", "org")),
    ".".join(("download", "pytorch", "org")),
)
WORKPLACE = "/".join(("", "work", ""))

# Each part may import the parts named after it, and no others of the project.
ALLOWED_IMPORTS = {
    "index": {"index"},
    "rag": {"rag", "index", "prompts"},
    "eval": {"eval", "rag", "index"},
    "app": {"app", "rag", "index"},
}

# Runs a module as `python -m` does, then tells on stderr how it ended and what it imported.
AS_MAIN = """
import json, runpy, sys
heavy, module, *sys.argv[1:] = sys.argv[1:]
code = 0
try:
    runpy.run_module(module, run_name="__main__", alter_sys=True)
except SystemExit as end:
    code = end.code
imported = sorted(set(heavy.split()) & sys.modules.keys())
print(json.dumps({"code": code, "heavy": imported}), file=sys.stderr)
"""


def locked_versions(root: Path) -> dict[str, Version]:
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    for pin in pins:
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin), f"not a plain pin: {pin}"
    named = [pin.split("==") for pin in pins]
    return {canonicalize_name(name): Version(version) for name, version in named}


def direct_requirements(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    texts = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        texts.extend(extra)
    return [Requirement(text) for text in texts]


def project_files(root: Path) -> list[Path]:
    """Every file that is committed or would be: tracked, or new and not ignored."""
    if not (root / ".git").exists():
        pytest.skip("not a git checkout, so there is no list of the project's files")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        encoding="utf-8",
    ).stdout
    return [root / name for name in listed.split("\0") if name and (root / name).is_file()]


def modules(root: Path) -> list[Path]:
    found = [path for part in ("index", "rag", "eval") for path in (root / part).rglob("*.py")]
    return [*sorted(found), root / "app.py"]


def test_lock_holds_every_direct_dependency_within_its_range(root: Path) -> None:
    locked = locked_versions(root)
    requirements = direct_requirements(root)
    assert len(requirements) > 30
    missing = [r.name for r in requirements if canonicalize_name(r.name) not in locked]
    assert missing == []
    outside = [
        f"{r} but locked {locked[canonicalize_name(r.name)]}"
        for r in requirements
        if locked[canonicalize_name(r.name)] not in r.specifier
    ]
    assert outside == []


def test_every_direct_dependency_has_a_lower_and_an_upper_bound(root: Path) -> None:
    unbounded = []
    for requirement in direct_requirements(root):
        operators = {bound.operator for bound in requirement.specifier}
        if operators not in ({"=="}, {">=", "<"}):
            unbounded.append(str(requirement))
    assert unbounded == []


def test_no_text_names_a_package_registry_or_the_place_it_was_written_in(root: Path) -> None:
    files = project_files(root)
    assert root / "pyproject.toml" in files
    named = []
    for path in files:
        data = path.read_bytes()
        if b"\0" in data:
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            named += [
                f"{path.relative_to(root)}:{number}: {word}"
                for word in (*REGISTRY_HOSTS, WORKPLACE)
                if word in line
            ]
    assert named == []


def test_every_module_begins_with_a_docstring(root: Path) -> None:
    silent = [
        str(path.relative_to(root))
        for path in modules(root)
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def imports(path: Path) -> list[tuple[int, str]]:
    """The line and top-level name of every import, also those inside functions."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name.split(".")[0]) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.append((node.lineno, node.module.split(".")[0]))
    return found


def test_imports_go_one_way(root: Path) -> None:
    own = {*ALLOWED_IMPORTS, "prompts", "tests"}
    against = [
        f"{path.relative_to(root)}:{line} imports {name}"
        for path in modules(root)
        for line, name in imports(path)
        # The command line of the index is where its build meets the translator.
        if (path.relative_to(root).as_posix(), name) != ("index/__main__.py", "rag")
        if name in own - ALLOWED_IMPORTS[path.relative_to(root).with_suffix("").parts[0]]
    ]
    assert against == []


def test_every_imported_library_is_a_direct_dependency(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    extra = project["optional-dependencies"]["ocr"]
    direct |= {canonicalize_name(Requirement(text).name) for text in extra}
    # What the extra brings along may not be installed here.
    origins = {"pypdfium2": ["pypdfium2"], "rapidocr": ["rapidocr"], **packages_distributions()}
    origins["cv2"] = ["rapidocr"]
    # Playwright is imported for its types, and reportlab writes documents to measure readers on.
    known = {*sys.stdlib_module_names, *ALLOWED_IMPORTS, "prompts", "playwright", "reportlab"}
    imported = {name for path in modules(root) for _, name in imports(path)}
    assert {"numpy", "typer"} <= imported
    undeclared = [
        name
        for name in sorted(imported - known)
        if direct.isdisjoint(canonicalize_name(origin) for origin in origins.get(name, ()))
    ]
    assert undeclared == []


@pytest.mark.parametrize(
    "command",
    [
        ["index", "--help"],
        ["index", "check", "index/corpus/shanghai-2021/source.txt"],
        ["rag", "--help"],
        ["eval", "--help"],
    ],
    ids=" ".join,
)
def test_light_commands_import_no_heavy_library(root: Path, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_MAIN, " ".join(HEAVY), *command],
        cwd=root,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == {"code": 0, "heavy": []}
    if command[1] == "check":
        assert json.loads(done.stdout)["document"]["number"] == "沪商电商〔2021〕121号"
    else:
        assert "Usage" in done.stdout
