"""What is said of libraries outside the range that was tested."""

import tomllib
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from hebbscope.host import versions

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_requirements_are_those_of_the_project():
    wanted = {Requirement(line).name for line in PROJECT["dependencies"]}
    assert set(versions.requirements()) == wanted


def test_libraries_whose_private_names_are_used_have_a_ceiling_and_no_others():
    ceilings = {
        name
        for name, requirement in versions.requirements().items()
        if any(part.operator in ("<", "<=", "==", "~=") for part in requirement.specifier)
    }
    assert ceilings == {"panel", "bokeh", "holoviews"}


def test_what_is_installed_here_is_in_range():
    assert versions.complaints() == []


@pytest.mark.parametrize("present", ["99.0", "1.0"])
def test_a_version_outside_is_told_with_the_range(present, monkeypatch):
    real = versions.version
    monkeypatch.setattr(versions, "version", lambda n: present if n == "panel" else real(n))
    (sentence,) = versions.complaints()
    assert f"panel {present}" in sentence
    assert str(versions.requirements()["panel"].specifier) in sentence


def test_a_missing_library_is_told(monkeypatch):
    real = versions.version

    def version(name):
        if name == "segno":
            raise PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(versions, "version", version)
    (sentence,) = versions.complaints()
    assert sentence.startswith("segno is not installed.")


def test_a_checkout_that_is_not_installed_says_it_too(monkeypatch):
    def requires(name):
        raise PackageNotFoundError(name)

    installed = versions.requirements()
    monkeypatch.setattr(versions, "requires", requires)
    assert set(versions.requirements()) == set(installed)


def test_a_warning_is_logged_once_in_a_process(monkeypatch, caplog):
    monkeypatch.setattr(versions, "complaints", lambda: ["100 % odd."])
    versions.warn.cache_clear()
    versions.warn()
    versions.warn()
    assert [record.message for record in caplog.records] == ["100 % odd."]
    versions.warn.cache_clear()


def test_the_server_warns_when_it_starts(monkeypatch, caplog):
    from hebbscope import app_hooks, warmup

    monkeypatch.setattr(versions, "complaints", lambda: ["panel 9 is outside the range."])
    monkeypatch.setattr(warmup, "start", lambda: None)
    monkeypatch.setattr("gc.freeze", lambda: None)
    versions.warn.cache_clear()
    app_hooks.on_server_loaded(None)
    assert "outside the range" in caplog.text
    versions.warn.cache_clear()
