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
from import_graph import circles, import_graph, long_functions
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from typer.core import TyperGroup
from typer.main import get_command

HEAVY = (
    "alembic", "cv2", "faiss", "gradio", "llama_cpp", "mcp", "onnxruntime", "psycopg", "rapidocr",
    "sentence_transformers", "sqlalchemy", "torch", "transformers",
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

# The rooms from the ground up: each may import what stands before it, and itself.
ROOMS = (
    "prompts",
    "index.errors",
    "index.one_line",
    "index.openmp",
    "index.records",
    "index.proxies",
    "index.wanted",
    "index.endpoint",
    "index.text",
    "index.documents",
    "index.facts",
    "index.compare",
    "index.request",
    "index.search",
    "index.library",
    "rag.errors",
    "rag.schema",
    "rag.llm",
    "rag.english",
    "rag.answer",
    "rag.check",
    # The command line of the index is where its build meets the translator.
    "index.kept_commands",
    "index.__main__",
    "rag.web",
    "rag.__main__",
    "eval",
    "app",
    "tiaowen",
)
# Imports that go up, until they are mended. Nothing is added here.
UPWARDS: set[tuple[str, str]] = set()

MOST_LINES = 60
MOST_MODULE_LINES = 400
# What takes a question to its answer knows few others.
MOST_IMPORTS = 12
ORCHESTRATORS = ("rag.answer.assistant", "rag.answer.steps")

README_LINES = 150

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
    return [*sorted(found), root / "app.py", root / "tiaowen.py"]


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


def room(module: str) -> int:
    """The place of a module's room among the rooms."""
    (place,) = [n for n, name in enumerate(ROOMS) if f"{module}.".startswith(f"{name}.")]
    return place


def test_imports_go_one_way(root: Path) -> None:
    graph = import_graph(root)
    packages = {"index", "rag"}  # They hold nothing but their rooms.
    assert all(not graph[package] for package in packages)
    upwards = {
        (module, other)
        for module in graph.keys() - packages
        for other in graph[module] - packages
        if room(other) > room(module)
    }
    assert upwards == UPWARDS


def test_no_modules_import_each_other(root: Path) -> None:
    assert circles(import_graph(root)) == []


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b", "d"}, "d": set(), "e": {"a"}}
    assert circles(graph) == [["b", "c"]]
    assert circles({**graph, "d": {"e"}}) == [["a", "b", "c", "d", "e"]]


def test_no_function_is_longer_than_a_page(root: Path) -> None:
    assert long_functions(root, MOST_LINES) == {}


def test_no_module_is_longer_than_can_be_kept_in_mind(root: Path) -> None:
    lengths = {
        path.relative_to(root).as_posix(): len(path.read_text("utf-8").splitlines())
        for path in modules(root)
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_MODULE_LINES} == {}


@pytest.mark.parametrize("name", ORCHESTRATORS)
def test_an_orchestrator_imports_few_modules(root: Path, name: str) -> None:
    imported = import_graph(root)[name]
    assert len(imported) > 5
    assert len(imported) <= MOST_IMPORTS, sorted(imported)


def own_texts(root: Path) -> list[Path]:
    """The texts on the project, for readers."""
    return [*sorted(root.glob("*.md")), *sorted((root / "docs").rglob("*.md"))]


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_is_short(root: Path, name: str) -> None:
    assert len((root / name).read_text("utf-8").splitlines()) < README_LINES


def test_links_in_the_texts_lead_somewhere(root: Path) -> None:
    broken = []
    followed = 0
    for text in own_texts(root):
        for target in re.findall(r"\]\(([^)\s]+)\)", text.read_text("utf-8")):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, place = target.partition("#")
            file = (text.parent / name).resolve() if name else text
            followed += 1
            if not file.exists() or (place and place not in anchors(file)):
                broken.append(f"{text.relative_to(root)}: {target}")
    assert followed > 20
    assert broken == []


def anchors(text: Path) -> set[str]:
    """What the headings of a text are linked by: lower case, hyphens for blanks, no marks."""
    headings = re.findall(r"^#+ (.+)$", text.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_commands_named_in_the_texts_are_there(root: Path) -> None:
    import tiaowen

    group = get_command(tiaowen.app)
    assert isinstance(group, TyperGroup)
    below = {name: getattr(each, "commands", None) for name, each in group.commands.items()}
    named = {
        (command, last)
        for text in own_texts(root)
        for command, last in re.findall(
            r"^tiaowen ([a-z]+)(?: ([a-z]+)\b)?", text.read_text("utf-8"), re.MULTILINE
        )
    }
    assert below.keys() == {command for command, _ in named}
    unknown = [pair for pair in named if pair[1] and pair[1] not in (below[pair[0]] or pair)]
    assert unknown == []


def test_every_route_is_told_of(root: Path) -> None:
    from rag.answer.routes import ROUTES

    table = (root / "docs" / "how-it-works.md").read_text("utf-8").split("## Routes")[1]
    named = re.findall(r"^\| ([a-z, ]+) \|", table.split("\n## ")[0], re.MULTILINE)
    told = [name for names in named[1:] for name in names.split(", ")]
    assert told == [route.name for route in ROUTES]


def test_every_imported_library_is_a_direct_dependency(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    direct = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    for extra in ("ocr", "bench", "milvus", "metrics", "redis", "sso"):
        listed = project["optional-dependencies"][extra]
        direct |= {canonicalize_name(Requirement(text).name) for text in listed}
    # What the extras bring along may not be installed here.
    origins = {"pypdfium2": ["pypdfium2"], "rapidocr": ["rapidocr"], **packages_distributions()}
    origins["cv2"] = ["rapidocr"]
    origins |= {"pymilvus": ["pymilvus"], "grpc": ["grpcio"]}
    origins["prometheus_client"] = ["prometheus-client"]
    origins |= {"authlib": ["authlib"], "httpx2": ["httpx2"], "joserfc": ["joserfc"]}
    # Playwright is imported for its types, and reportlab writes documents to measure readers on.
    ours = {name.split(".")[0] for name in ROOMS}
    known = {*sys.stdlib_module_names, *ours, "playwright", "reportlab"}
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
        ["app", "--help"],
        ["tiaowen", "--help"],
        ["tiaowen", "check", "index/corpus/shanghai-2021/source.txt"],
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
