"""The Pythons of this machine."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def supported():
    """The versions of Python that the project says it is tested with, as pairs of numbers."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = (
        re.fullmatch(r"Programming Language :: Python :: (\d+)\.(\d+)", c)
        for c in project["classifiers"]
    )
    return sorted((int(m[1]), int(m[2])) for m in named if m)


def _version(python):
    try:
        told = subprocess.run(
            [python, "-c", "import sys, venv, ensurepip; print(*sys.version_info[:2])"],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    major, minor = told.stdout.split()
    return int(major), int(minor)


def found():
    """Each tested Python that this machine has and that can make environments: version -> its path."""
    # That of this environment's base: the environment itself would lend its packages.
    places = [Path(sys.base_prefix) / "bin" / "python3"]
    names = [f"python{major}.{minor}" for major, minor in supported()] + ["python3"]
    folders = [*os.get_exec_path(), "/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"]
    places += [Path(folder) / name for folder in folders for name in names]
    places += sorted(Path.home().glob(".pyenv/versions/*/bin/python3"))
    there = {}
    own = Path(sys.prefix).resolve()
    for place in places:
        # A shim of pyenv answers for a Python that may not be chosen: the versions follow by themselves.
        if not place.exists() or "shims" in place.parts or own in place.resolve().parents:
            continue
        version = _version(str(place))
        if version in supported():
            there.setdefault(version, str(place))
    return there


def uv():
    """The command of uv, which the extras of the tests bring."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    assert found, "uv is missing: pip install -e '.[test]'"
    return found
