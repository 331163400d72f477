"""One command for a fresh checkout: ``python3 app/start.py`` makes the environment and serves the page.

It is run by whatever Python the system has, old ones included, before anything is installed: nothing
but the standard library, and no syntax younger than Python 3.6. ``--prepare`` makes the environment
alone and prints its Python: nothing is installed into it. Everything else is passed on to ``hebbscope``.
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
MADE_HERE = "hebbscope-environment"  # a file in each environment that this made

Version = Tuple[int, int]


def versions() -> Tuple[Version, Version]:
    """Return the oldest and the newest Python that were tested, as pairs of numbers."""
    with open(PROJECT, encoding="utf-8") as file:
        text = file.read()
    found = re.findall(r'"Programming Language :: Python :: (\d+)\.(\d+)"', text)
    tested = sorted((int(major), int(minor)) for major, minor in found)
    return tested[0], tested[-1]


def say(sentence: str) -> None:
    """Tell the visitor what is going on; standard output is for :func:`main`."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


def version_of(python: List[str]) -> Optional[Version]:
    """Return the version of an interpreter as a pair of numbers; None if it is none that runs."""
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
    """Yield commands that may be a Python of these versions: this one, then the newest first."""
    yield [sys.executable]
    for minor in range(newest[1], oldest[1] - 1, -1):
        name = "python3.%d" % minor
        if WINDOWS:
            yield ["py", "-3.%d" % minor]
        for folder in ("", "/opt/homebrew/bin", "/usr/local/bin"):
            yield [os.path.join(folder, name)]


def find_python() -> Optional[List[str]]:
    """Return the command of a Python that will do; None if there is none."""
    oldest, newest = versions()
    named = os.environ.get("PYTHON")
    for python in [[named]] if named else candidates(oldest, newest):
        version = version_of(python)
        if version is not None and oldest <= version <= newest:
            return python
    return None


def unsupported() -> str:
    """Return a sentence on why no Python will do, and where to get one."""
    oldest, newest = versions()
    named = os.environ.get("PYTHON")
    present = version_of([named or sys.executable])
    if present is None:
        return "PYTHON is %s, which is no Python that runs." % (named or sys.executable)
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
    """Whether an environment's Python is one that was tested, and has pip."""
    oldest, newest = versions()
    version = version_of([inside])
    if version is None or not oldest <= version <= newest:
        return False
    asked = [inside, "-m", "pip", "--version"]
    return subprocess.call(asked, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def make_environment(folder: str) -> str:
    """Make a virtual environment in ``folder``, and return its Python; exits with a sentence if it can't."""
    inside = os.path.join(folder, *(("Scripts", "python.exe") if WINDOWS else ("bin", "python")))
    if os.path.isdir(folder) and os.listdir(folder):
        if works(inside):
            return inside
        if not os.path.exists(os.path.join(folder, MADE_HERE)):
            # It may be anybody's: nothing of it is deleted.
            sys.exit(
                "%s holds something else than an environment with a tested Python. Move it away, or set "
                "HEBBSCOPE_VENV to another folder, and run this again." % folder
            )
    python = find_python()
    if python is None:
        sys.exit(unsupported())
    if os.path.isdir(folder) and os.listdir(folder):
        say("The environment in %s no longer works: it is made anew." % folder)
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
        # Half an environment would be taken for a whole one.
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
        file.write("app/start.py may delete this folder and make it anew.\n")
    return inside


def install(inside: str, folder: str) -> None:
    """Install Hebbscope into the environment, unless it is there already."""
    stamp = os.path.join(folder, "hebbscope-installed")
    with open(PROJECT, "rb") as file:
        wanted = hashlib.sha256(file.read()).hexdigest()
    if os.path.exists(stamp):
        with open(stamp) as file:
            if file.read() == wanted:
                return
    say("Installing Hebbscope and what it needs: some minutes, this once …")
    made = subprocess.run(
        [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ROOT],
        stdout=sys.stderr,
    )
    if made.returncode != 0:
        sys.exit(
            "It could not be installed; what pip says stands above. Is there a connection to the internet?"
        )
    with open(stamp, "w") as file:
        file.write(wanted)


def main(arguments: List[str]) -> int:
    """Make the environment if need be, and serve the page from it."""
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
