"""``python3 app/start.py``: create an environment in a fresh checkout and serve the page.

Any system Python may run it, before anything is installed: it uses only the standard library and the
syntax of Python 3.6. ``--prepare`` only creates the environment, without installing anything into it,
and prints the path of its Python. All other arguments are passed on to ``hebbscope``.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from typing import Iterator, List, Optional, Tuple

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROJECT = os.path.join(ROOT, "pyproject.toml")
WINDOWS = os.name == "nt"
MADE_HERE = "hebbscope-environment"  # file that marks environments created by this script

Version = Tuple[int, int]


def versions() -> Tuple[Version, Version]:
    """Return the oldest and the newest tested Python version, each as ``(major, minor)``."""
    with open(PROJECT, encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r'"Programming Language :: Python :: (\d+)\.(\d+)"', text)
    tested = sorted((int(major), int(minor)) for major, minor in found)
    return tested[0], tested[-1]


def say(sentence: str) -> None:
    """Print a message to standard error; standard output is reserved for :func:`main`."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def version_of(python: List[str]) -> Optional[Version]:
    """Return the version of an interpreter as ``(major, minor)``; None if it does not run."""
    try:
        told = subprocess.check_output(
            [*python, "-c", "import sys; print('%d %d' % sys.version_info[:2])"],
            stderr=subprocess.DEVNULL,
        )
        major, minor = told.split()
        return int(major), int(minor)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None


def candidates(oldest: Version, newest: Version) -> Iterator[List[str]]:
    """Yield commands that may run a tested Python: this interpreter, then the others, newest first."""
    yield [sys.executable]
    for minor in range(newest[1], oldest[1] - 1, -1):
        name = "python3.%d" % minor
        if WINDOWS:
            yield ["py", "-3.%d" % minor]
        for folder in ("", "/opt/homebrew/bin", "/usr/local/bin"):
            yield [os.path.join(folder, name)]


def find_python() -> Optional[List[str]]:
    """Return the command of a Python of a tested version; None if there is none."""
    oldest, newest = versions()
    named = os.environ.get("PYTHON")
    for python in [[named]] if named else candidates(oldest, newest):
        version = version_of(python)
        if version is not None and oldest <= version <= newest:
            return python
    return None


def unsupported() -> str:
    """Return a message saying why no Python is suitable, and where to get one."""
    oldest, newest = versions()
    named = os.environ.get("PYTHON")
    present = version_of([named or sys.executable])
    if present is None:
        return "PYTHON is %s, which is not a working Python." % (named or sys.executable)
    get = {
        "win32": "winget install Python.Python.%d.%d" % newest,
        "darwin": "brew install python@%d.%d, or python.org/downloads" % newest,
    }.get(sys.platform, "python.org/downloads, or your system's packages")
    return (
        "Hebbscope needs Python %d.%d to %d.%d, and found %d.%d. Get one (%s) and run this again."
        % (
            *oldest,
            *newest,
            *present,
            get,
        )
    )


def works(inside: str) -> bool:
    """Return whether an environment's Python is of a tested version and has pip."""
    oldest, newest = versions()
    version = version_of([inside])
    if version is None or not oldest <= version <= newest:
        return False
    asked = [inside, "-m", "pip", "--version"]
    return subprocess.call(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def make_environment(folder: str) -> str:
    """Create an environment in ``folder`` if needed and return its Python; exit on failure."""
    inside = os.path.join(folder, *(("Scripts", "python.exe") if WINDOWS else ("bin", "python")))
    if os.path.isdir(folder) and os.listdir(folder):
        if works(inside):
            return inside
        if not os.path.exists(os.path.join(folder, MADE_HERE)):
            # Not created by this script, so it must not be deleted.
            sys.exit(
                "%s contains something other than an environment with a tested Python. Move it away, or set "
                "HEBBSCOPE_VENV to another folder, and run this again." % folder
            )
    python = find_python()
    if python is None:
        sys.exit(unsupported())
    if os.path.isdir(folder) and os.listdir(folder):
        say("The environment in %s no longer works: it is recreated." % folder)
        shutil.rmtree(folder)
    say("Making a Python environment in %s …" % folder)
    try:
        made = subprocess.run(
            [*python, "-m", "venv", folder],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            universal_newlines=True,
        )
        whole = made.returncode == 0
    except BaseException:
        # An incomplete environment could pass for a complete one.
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if not whole:
        shutil.rmtree(folder, ignore_errors=True)
        if "ensurepip" in made.stdout or "No module named venv" in made.stdout:
            sys.exit(
                "This Python cannot make environments. Install what is missing and run this again:\n"
                "  sudo apt install python%d.%d-venv" % version_of(python)
            )
        sys.exit("The environment could not be made:\n" + made.stdout)
    with open(os.path.join(folder, MADE_HERE), "w") as file:
        file.write("app/start.py may delete and recreate this folder.\n")
    return inside


def install(inside: str, folder: str) -> None:
    """Install Hebbscope into the environment; skip if ``pyproject.toml`` has not changed since."""
    stamp = os.path.join(folder, "hebbscope-installed")
    with open(PROJECT, "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return
    say("Installing Hebbscope and its dependencies, which takes some minutes the first time …")
    made = subprocess.run(
        [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ROOT],
        stdout=sys.stderr,
    )
    if made.returncode != 0:
        sys.exit(
            "It could not be installed; see pip's output above. Is there a connection to the internet?"
        )
    with open(stamp, "w") as file:
        file.write(wanted)


def main(arguments: List[str]) -> int:
    """Create the environment if needed, and serve the page from it; return the exit code."""
    folder = os.path.abspath(os.environ.get("HEBBSCOPE_VENV") or os.path.join(ROOT, ".venv"))
    inside = make_environment(folder)
    if arguments == ["--prepare"]:
        print(inside)
        return 0
    install(inside, folder)
    command = [inside, "-m", "hebbscope", *arguments]
    if WINDOWS:
        return subprocess.call(command)
    os.execv(inside, command)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
