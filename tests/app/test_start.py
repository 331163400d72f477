"""The one command of a fresh checkout: which Python it takes, and what it says where it can't go on."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from hebbscope import start

from ..fresh.pythons import supported


def test_an_old_python_can_read_it():
    # 3.6 is the oldest grammar that this Python can check.
    source = Path(start.__file__).read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 6))


def test_it_imports_nothing_that_must_be_installed_first():
    source = Path(start.__file__).read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
        else:
            continue
        assert all(name in sys.stdlib_module_names for name in names)


def test_versions_are_those_of_the_project():
    assert start.versions() == (supported()[0], supported()[-1])


def python_that_says(folder, version):
    """An interpreter, so called, of this version."""
    fake = folder / f"python{version}"
    fake.write_text(f"#!/bin/sh\necho {version.replace('.', ' ')}\n")
    fake.chmod(0o755)
    return str(fake)


def test_the_python_that_runs_it_is_taken_first():
    assert start.find_python() == [sys.executable]


@pytest.mark.parametrize("version", ["3.9", "3.99"])
def test_one_that_was_not_tested_is_refused_in_one_sentence(version, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON", python_that_says(tmp_path, version))
    assert start.find_python() is None
    with pytest.raises(SystemExit) as refused:
        start.make_environment(str(tmp_path / "venv"))
    sentence = str(refused.value)
    oldest, newest = (".".join(map(str, v)) for v in start.versions())
    assert sentence.startswith(f"Hebbscope needs Python {oldest} to {newest}, and found {version}.")
    assert "\n" not in sentence
    assert not (tmp_path / "venv").exists()


def test_a_newer_one_beside_an_old_one_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHON", raising=False)
    monkeypatch.setattr(start.sys, "executable", python_that_says(tmp_path, "3.9"))
    wanted = python_that_says(tmp_path, "3.12")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(start, "candidates", lambda *_: iter([[start.sys.executable], [wanted]]))
    assert start.find_python() == [wanted]


def test_one_that_does_not_run_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHON", str(tmp_path / "nothing"))
    with pytest.raises(SystemExit, match="which is not a working Python"):
        start.make_environment(str(tmp_path / "venv"))


def test_a_folder_of_somebody_elses_is_left_as_it_is(tmp_path):
    theirs = tmp_path / "venv"
    (theirs / "bin").mkdir(parents=True)
    (theirs / "thesis.tex").write_text("the only copy")
    python_that_says(theirs / "bin", "3.9")
    (theirs / "bin" / "python3.9").rename(theirs / "bin" / "python")
    with pytest.raises(SystemExit, match="Move it away"):
        start.make_environment(str(theirs))
    assert (theirs / "thesis.tex").read_text() == "the only copy"


def test_one_of_its_own_that_broke_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHON", raising=False)
    folder = tmp_path / "venv"
    inside = start.make_environment(str(folder))
    Path(inside).unlink()
    assert start.make_environment(str(folder)) == inside
    assert start.works(inside)


def test_an_interrupted_environment_is_not_kept(tmp_path, monkeypatch):
    whole = subprocess.run

    def run(command, **options):
        if "venv" not in command:
            return whole(command, **options)
        (tmp_path / "venv" / "bin").mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(start.subprocess, "run", run)
    with pytest.raises(KeyboardInterrupt):
        start.make_environment(str(tmp_path / "venv"))
    assert not (tmp_path / "venv").exists()


def test_without_venv_it_says_what_to_install(tmp_path, monkeypatch):
    fake = tmp_path / "python"
    fake.write_text(
        "#!/bin/sh\n"
        '[ "$1" = -c ] && { echo 3 12; exit 0; }\n'
        "mkdir -p \"$3\"; echo 'The virtual environment was not created because ensurepip is not available.'\n"
        "exit 1\n"
    )
    fake.chmod(0o755)
    monkeypatch.setenv("PYTHON", str(fake))
    with pytest.raises(SystemExit) as refused:
        start.make_environment(str(tmp_path / "venv"))
    assert "sudo apt install python3.12-venv" in str(refused.value)
    assert not (tmp_path / "venv").exists(), "half an environment would be taken for a whole one"


def test_an_environment_is_made_once_and_installed_into_once(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("PYTHON", raising=False)
    folder = str(tmp_path / "venv")
    inside = start.make_environment(folder)
    assert start.version_of([inside]) == sys.version_info[:2]
    capsys.readouterr()
    assert start.make_environment(folder) == inside
    assert capsys.readouterr().err == ""

    calls = []

    def run(command, **_):
        calls.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(start.subprocess, "run", run)
    start.install(inside, folder)
    start.install(inside, folder)
    assert len(calls) == 1
    assert calls[0][1:4] == ["-m", "pip", "install"]


def test_an_install_that_failed_is_tried_again(tmp_path, monkeypatch):
    def run(command, **_):
        return subprocess.CompletedProcess(command, 1)

    monkeypatch.setattr(start.subprocess, "run", run)
    for _ in range(2):
        with pytest.raises(SystemExit, match="could not be installed"):
            start.install("python", str(tmp_path))
