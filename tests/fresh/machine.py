"""A clean environment with the product in it, and a server that runs there."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..browser.server import Server
from .pythons import ROOT, found, uv

#: What the table in app/README.md tells of.
TOLD = ("jax", "panel", "bokeh", "holoviews", "numpy")


def _run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def clean_environment():
    """The variables of this process without those that lend its packages or settings to a Python."""
    lent = ("PYTHON", "PIP_", "VIRTUAL_ENV", "UV_", "HEBB", "JAX_", "BOKEH_", "PANEL_")
    kept = ("PIP_CERT", "PIP_INDEX_URL", "UV_INDEX_URL", "PIP_CONFIG_FILE")
    return {k: v for k, v in os.environ.items() if not k.startswith(lent) or k in kept}


def build_wheel(folder):
    """Build the wheel from a copy of the checkout: what lies about in it must not get in."""
    copy = folder / "source"
    listed = _run("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    _run(uv(), "build", "--quiet", "--wheel", "--out-dir", folder / "wheels", copy)
    (wheel,) = (folder / "wheels").glob("*.whl")
    return wheel


@dataclass
class Machine:
    """An environment with the product in it.

    Attributes:
        kind: ``"newest"`` or ``"lowest"``.
        folder: where it is.
        versions: of Python and of the libraries.
    """

    kind: str
    folder: Path
    versions: dict[str, str]

    @property
    def python(self):
        return self.folder / "bin" / "python"

    @classmethod
    def make(cls, kind, wheel, folder):
        pythons = found()
        assert pythons, "this machine has no Python that the project is tested with"
        version = max(pythons) if kind == "newest" else min(pythons)
        folder = folder / kind
        clean = clean_environment()
        if kind == "newest":
            # As a user does it.
            _run(pythons[version], "-m", "venv", folder, env=clean)
            pip = (folder / "bin" / "python", "-m", "pip", "--disable-pip-version-check")
            _run(*pip, "install", "--quiet", wheel, env=clean)
        else:
            limits = folder.with_suffix(".txt")
            python = ("--python", pythons[version])
            _run(
                uv(),
                "pip",
                "compile",
                "--quiet",
                "--no-header",
                "--resolution",
                "lowest-direct",
                *python,
                "--output-file",
                limits,
                ROOT / "pyproject.toml",
                env=clean,
            )
            _run(uv(), "venv", "--quiet", *python, folder, env=clean)
            _run(
                uv(),
                "pip",
                "install",
                "--quiet",
                "--compile-bytecode",
                "--python",
                folder / "bin" / "python",
                "--constraints",
                limits,
                wheel,
                env=clean,
            )
        asked = (
            "import json, platform; from importlib.metadata import version; "
            f"print(json.dumps({{'Python': platform.python_version(), **{{n: version(n) for n in {TOLD}}}}}))"
        )
        versions = json.loads(_run(folder / "bin" / "python", "-c", asked, env=clean))
        return cls(kind, folder, versions)


class CommandServer(Server):
    """``hebbscope`` of a :class:`Machine`, started in a folder that has nothing to do with it."""

    def __init__(self, machine, log):
        super().__init__((), log, environment=clean_environment())
        self.machine = machine
        self.elsewhere = tempfile.mkdtemp(prefix="hebbscope-elsewhere-")

    def command(self):
        return [
            self.machine.folder / "bin" / "hebbscope",
            "--no-browser",
            "--address",
            "127.0.0.1",
            "--port",
            str(self.port),
        ]

    def folder(self):
        # A file of the user's own that is called like a package of ours.
        Path(self.elsewhere, "app.py").write_text("raise SystemExit('the user has an app.py')\n")
        return self.elsewhere

    def __exit__(self, *what):
        super().__exit__(*what)
        shutil.rmtree(self.elsewhere)
