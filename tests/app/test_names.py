"""The names under which users import the page, in a checkout and where it is installed."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command, folder):
    return subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, check=False
    )


def test_installed_it_is_hebbscope_even_beside_an_app_of_the_users_own(tmp_path):
    (tmp_path / "app.py").write_text("raise SystemExit('the user has an app.py')")
    program = "from hebbscope import Dashboard; import sys; print(Dashboard.__module__, 'app' in sys.modules)"
    done = run("-c", program, folder=tmp_path)
    assert done.stdout.split() == ["hebbscope.page.dashboard", "False"], done.stderr


def test_in_a_checkout_it_is_app_too(tmp_path):
    program = "from app.dashboard import Dashboard; import sys; print('hebbscope' in sys.modules)"
    done = run("-c", program, folder=ROOT)
    assert done.stdout.split() == ["False"], done.stderr


@pytest.mark.parametrize("package", ["app", "hebbscope"])
def test_lessons_are_checked_under_both_names(package, tmp_path):
    done = run("-m", f"{package}.lessons", str(tmp_path), folder=ROOT)
    assert done.returncode == 0, done.stderr


def test_the_core_keeps_the_names_that_scripts_use():
    program = (
        "from hebb_core import HebbianSynapse; from hebb_core.sweep import sweep, Setup; "
        "from hebb_core.run_file import read_run; from hebb_core.tables import open_history"
    )
    done = run("-W", "error", "-c", program, folder=ROOT)
    assert done.returncode == 0, done.stderr
