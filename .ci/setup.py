"""Sets the project up on a bare machine: environment, packages, llama.cpp, weights, index.

Called by the Makefile. Every step may be interrupted and run again: what is done is kept and is
not done twice. While llama.cpp is compiled, everything that needs no llama.cpp is done beside it.
It needs Python 3.11 or newer and nothing else; it installs no system packages.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from pip_settings import set_aside, write_own

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
PYTHON = ENVIRONMENT / "bin" / "python"
STAMPS = ENVIRONMENT / "stamps"
CONSTRAINTS = ROOT / "constraints.txt"
BUILD_CONSTRAINTS = ROOT / ".ci" / "build-constraints.txt"
LLAMA_ONLY = ROOT / ".ci" / "llama-only.cmake"
PIP = "pip==26.3"

# Only libllama and libggml* are loaded; everything else that the source could build is left out.
CMAKE_SETTINGS = {
    "GGML_NATIVE": "ON",
    "LLAVA_BUILD": "OFF",
    "LLAMA_OPENSSL": "OFF",
    "LLAMA_ALL_WARNINGS": "OFF",
    "GGML_ALL_WARNINGS": "OFF",
}
LEFT_OUT_OF_WHEEL = "bin/**;include/**;lib/**;*.so.*.*"

STARTED = float(os.environ.get("TIAOWEN_STARTED") or time.time())


class SetupFault(Exception):
    """Set-up cannot go on. The message says what to do next."""


def say(message: str) -> None:
    """Print one progress line with the seconds since the start."""
    print(f"==> [{time.time() - STARTED:4.0f} s] {message}", flush=True)


def cache_folder() -> Path:
    """Return the user's cache folder for this project, the one that platformdirs gives."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "tiaowen"
    base = os.environ.get("XDG_CACHE_HOME", "").strip()
    return (Path(base) if base else Path.home() / ".cache") / "tiaowen"


def run(command: Sequence[str | Path], failure: str, show_output: bool = True) -> None:
    """Run a command in the project's folder; raise SetupFault with `failure` if it fails.

    Its messages and progress (stderr) are always shown, its results (stdout) if asked for.
    """
    output = None if show_output else subprocess.DEVNULL
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output)
    if done.returncode != 0:
        raise SetupFault(failure)


def digest(parts: Iterable[str | bytes]) -> str:
    """Return 16 hex digits that stand for the given parts, in their order."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        whole.update(len(data).to_bytes(8, "big") + data)
    return whole.hexdigest()[:16]


def read_stamp(name: str) -> str | None:
    """Return what a finished step left, or None if it has not finished here."""
    path = STAMPS / name
    return path.read_text() if path.is_file() else None


def write_stamp(name: str, text: str) -> None:
    """Record that a step has finished."""
    STAMPS.mkdir(exist_ok=True)
    temporary = STAMPS / f"{name}.new"
    temporary.write_text(text)
    temporary.replace(STAMPS / name)


def make_environment() -> None:
    """Create .venv, or leave the one that this same Python made and no install broke off in."""
    identity = f"{sys.version}\n{Path(sys.base_prefix).resolve()}\n{PIP}\n{ENVIRONMENT}"
    broken_off = (STAMPS / "installing").exists()
    if read_stamp("environment") == identity and not broken_off:
        write_own(ENVIRONMENT)
        return
    why = " (an install was interrupted in the old one)" if broken_off else ""
    say(f"making the virtual environment .venv with Python {platform.python_version()}{why}")
    run(
        [sys.executable, "-m", "venv", "--clear", ENVIRONMENT],
        "Python cannot make a virtual environment; install its venv module "
        "(Debian, Ubuntu: apt-get install python3-venv) and run make again.",
    )
    write_own(ENVIRONMENT)
    run(
        [PYTHON, "-m", "pip", "install", "--quiet", PIP],
        "pip could not be installed; check the network and run make again.",
    )
    write_stamp("environment", identity)


def processor_features() -> str:
    """Return the processor's instruction sets, since the compiled code uses all of them."""
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.is_file():
        for line in cpu_info.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() in ("flags", "Features"):
                return " ".join(sorted(value.split()))
    return platform.processor()


def llama_requirement() -> str:
    """Return the exact requirement that constraints.txt holds, `llama-cpp-python==…`."""
    for line in CONSTRAINTS.read_text().splitlines():
        if re.fullmatch(r"llama[-_]cpp[-_]python==\S+", line):
            return line
    raise SetupFault("constraints.txt names no version of llama-cpp-python; restore the file.")


def check_compiler() -> None:
    """Raise SetupFault if CMake would find no C and C++ compiler."""
    for language, variable, names in (
        ("C", "CC", ("cc", "gcc", "clang")),
        ("C++", "CXX", ("c++", "g++", "clang++")),
    ):
        chosen = os.environ.get(variable, "").split()
        if not any(shutil.which(name) for name in (chosen[:1] or names)):
            raise SetupFault(
                f"No {language} compiler was found, and llama.cpp is compiled on this machine; "
                "install one (Debian, Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; "
                "macOS: xcode-select --install) and run make again."
            )


def compile_wheel(
    requirement: str, folder: Path, settings: Sequence[str], given_up: threading.Event
) -> None:
    """Compile the requirement's source into `folder`; its log is `build.log` there.

    It is broken off, and raises SetupFault, once it is `given_up`.
    """
    command: list[str | Path] = [
        *(PYTHON, "-m", "pip", "wheel", "--verbose", "--no-deps", "--no-cache-dir"),
        *("--no-binary", "llama-cpp-python", "--build-constraint", BUILD_CONSTRAINTS),
        *("--wheel-dir", folder),
        *(f"--config-settings={setting}" for setting in settings),
        requirement,
    ]
    log = folder / "build.log"
    last: list[str] = []
    spoken = time.time()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        # Its own group, so that stopping it stops the compilers that pip started as well.
        start_new_session=True,
    )
    assert process.stdout is not None
    ended = threading.Event()

    def end_if_given_up() -> None:
        while not ended.wait(0.2):
            if given_up.is_set():
                os.killpg(process.pid, signal.SIGTERM)
                return

    threading.Thread(target=end_if_given_up, daemon=True).start()
    try:
        with log.open("w", encoding="utf-8") as record:
            for line in process.stdout:
                record.write(line)
                last = [*last[-24:], line[:400].rstrip()]
                step = re.match(r"\s*\[(\d+/\d+)\]", line)
                if step and time.time() - spoken > 20:
                    spoken = time.time()
                    say(f"compiling llama.cpp, step {step[1]}")
        code = process.wait()
    finally:
        ended.set()
    if given_up.is_set():
        raise SetupFault("Compiling llama.cpp was broken off; run make again.")
    if code != 0:
        kept = Path(tempfile.gettempdir()) / "tiaowen-llama-build.log"
        shutil.copyfile(log, kept)
        print("\n".join(last), file=sys.stderr)
        raise SetupFault(f"llama.cpp did not compile; the whole log is {kept}.")


def wheel_settings() -> list[str]:
    """Return how llama.cpp is compiled, as pip's build settings."""
    settings = [f"cmake.define.{name}={value}" for name, value in CMAKE_SETTINGS.items()]
    return [*settings, f"wheel.exclude={LEFT_OUT_OF_WHEEL}"]


def wheel_folder() -> Path:
    """Return where the compiled llama-cpp-python wheel is kept in the user's cache.

    It is keyed on all that decides the machine code, so that a folder shared by several machines,
    or a moved disk, never serves code that this processor cannot run.
    """
    key = digest(
        [
            llama_requirement(),
            f"cp{sys.version_info.major}{sys.version_info.minor}",
            sysconfig.get_platform(),
            " ".join(platform.libc_ver()),
            *wheel_settings(),
            LLAMA_ONLY.read_bytes(),
            *(os.environ.get(name, "") for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS")),
            os.environ.get("CMAKE_ARGS", ""),
            processor_features(),
        ]
    )
    return cache_folder() / "wheels" / key


def llama_wheel(given_up: threading.Event) -> Path:
    """Return the compiled llama-cpp-python wheel, from the user's cache or made now."""
    kept = wheel_folder()
    wheels = kept.parent
    if not kept.is_dir():
        say("compiling llama.cpp for this processor (once; minutes)")
        wheels.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".building-", dir=wheels) as name:
            built = Path(name) / kept.name
            built.mkdir()
            # The path of a file, so it is no part of the key.
            include = f"cmake.define.CMAKE_PROJECT_llama_cpp_INCLUDE={LLAMA_ONLY}"
            compile_wheel(llama_requirement(), built, [*wheel_settings(), include], given_up)
            try:
                built.replace(kept)
            except OSError:
                # Another set-up finished the same wheel first; its folder is as good.
                if not kept.is_dir():
                    raise
        say(f"llama.cpp is compiled; the wheel is kept in {kept}")
    found = list(kept.glob("*.whl"))
    if len(found) != 1:
        raise SetupFault(f"{kept} should hold one wheel; delete that folder and run make again.")
    return found[0]


@contextmanager
def compiling() -> Iterator[Future[Path]]:
    """Find or compile llama.cpp's wheel beside what is done meanwhile; broken off if that fails."""
    if not wheel_folder().is_dir():
        check_compiler()
    given_up = threading.Event()
    with ThreadPoolExecutor(1) as beside:
        wheel = beside.submit(llama_wheel, given_up)
        try:
            yield wheel
        except BaseException:
            given_up.set()
            raise


def locked_by(extras: Sequence[str]) -> str:
    """Return what stands for the packages of the project with these extras, as locked now."""
    return digest(
        [
            (ROOT / "pyproject.toml").read_bytes(),
            CONSTRAINTS.read_bytes(),
            BUILD_CONSTRAINTS.read_bytes(),
            *extras,
        ]
    )


def wanted_extras(development: bool, recognition: bool) -> list[str]:
    """Return the extras to install: what was asked for, and what once was."""
    if development or read_stamp("packages-dev") is not None:
        return ["dev", "ocr"]
    return ["ocr"] if recognition or read_stamp("packages-ocr") is not None else []


def pip_install(what: Sequence[str | Path]) -> None:
    """Install these as locked. An install that breaks off has the environment made anew."""
    write_stamp("installing", "")
    run(
        [
            *(PYTHON, "-m", "pip", "install", "--quiet", "--progress-bar=off"),
            *("--constraint", CONSTRAINTS, "--build-constraint", BUILD_CONSTRAINTS),
            *what,
        ],
        "The packages could not be installed; check the network and the disk, then run make again.",
    )
    (STAMPS / "installing").unlink()


def install_packages(extras: Sequence[str]) -> None:
    """Install all locked packages but llama.cpp's, as far as they are not there."""
    stamp, locked = f"packages{''.join(f'-{name}' for name in extras[:1])}", locked_by(extras)
    if read_stamp(stamp) == locked:
        return
    say("installing the packages that constraints.txt locks")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = list(project["dependencies"])
    for name in extras:
        required += project["optional-dependencies"][name]
    pip_install([each for each in required if not re.match(r"llama[-_]cpp[-_]python\b", each)])
    write_stamp(stamp, locked)
    say("the packages are installed")


def install_project(wheel: Path, extras: Sequence[str]) -> None:
    """Install llama.cpp and the project itself, now that everything else is there."""
    locked = digest([locked_by(extras), wheel.parent.name])
    if read_stamp("project") == locked:
        say("the packages are installed")
        return
    named = f"[{','.join(extras)}]" if extras else ""
    pip_install([wheel, "--editable", f".{named}"])
    write_stamp("project", locked)


def fetch_weights() -> Path:
    """Fetch and verify the default language model's weights; return their file."""
    say("fetching and checking the default language model's weights")
    done = subprocess.run(
        [PYTHON, "-m", "rag.llm.weights"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    )
    lines = done.stdout.split("\n")
    if done.returncode != 0 or not done.stdout.strip():
        raise SetupFault("The weights could not be had (see above); run make again to resume.")
    return Path([line for line in lines if line.strip()][-1].strip())


def disk_use(path: Path) -> str:
    """Return the disk that a file or folder takes, in megabytes, hard links counted once."""
    seen: set[tuple[int, int]] = set()
    blocks = 0
    for member in (path, *path.rglob("*")) if path.is_dir() else (path,):
        status = member.lstat()
        if (status.st_dev, status.st_ino) not in seen:
            seen.add((status.st_dev, status.st_ino))
            blocks += status.st_blocks
    return f"{blocks * 512 / 1e6:,.0f} MB"


def prepare_data(own_model: bool) -> list[tuple[str, Path]]:
    """Fetch the weights and build the index; return what lies where. Neither needs llama.cpp."""
    places = []
    if own_model:
        say("MODEL is set, so the default language model is not fetched")
    else:
        places.append(("weights", fetch_weights()))
    say("bringing the index of the built-in documents up to date")
    run(
        [PYTHON, "-m", "index", "build"],
        "The index could not be built (see above); run make again.",
        show_output=False,
    )
    return [*places, ("index", cache_folder() / "index")]


def set_up(development: bool, recognition: bool, packages_only: bool, own_model: bool) -> None:
    """Do every step that is not done yet, and say what the whole takes on disk."""
    make_environment()
    extras = wanted_extras(development, recognition)
    places = [(".venv", ENVIRONMENT)]
    with compiling() as compiled:
        install_packages(extras)
        if not packages_only:
            places += prepare_data(own_model)
        wheel = compiled.result()
    install_project(wheel, extras)
    if packages_only:
        return
    places.insert(1, ("llama.cpp wheel", wheel))
    taken = ", ".join(f"{name} {disk_use(path)}" for name, path in places)
    say(f"set up in {time.time() - STARTED:.0f} s; on disk: {taken}")


def stop(number: int, frame: object) -> NoReturn:
    """Turn a termination into an exit, so that half-made folders are removed."""
    raise SystemExit(128 + number)


def main() -> int:
    """Read the command line, set up, and return the exit code."""
    parser = argparse.ArgumentParser(description="Set the project up; what is done is kept.")
    parser.add_argument("--dev", action="store_true", help="also what the tests need")
    parser.add_argument("--ocr", action="store_true", help="also what recognises scanned pages")
    parser.add_argument("--packages", action="store_true", help="no weights and no index")
    parser.add_argument("--own-model", action="store_true", help="leave out the default model")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, stop)
    try:
        with tempfile.TemporaryDirectory(prefix="tiaowen-") as folder:
            if aside := set_aside(os.environ, Path(folder)):
                say(f"set aside, for it leads out of .venv: {', '.join(aside)}")
            set_up(arguments.dev, arguments.ocr, arguments.packages, arguments.own_model)
    except SetupFault as fault:
        print(f"error: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; run make again to go on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
