"""Checks the installed libraries against the tested versions, as given in ``pyproject.toml``."""

from __future__ import annotations

import logging
import tomllib
from functools import cache
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["complaints", "requirements", "warn"]

_LOG = logging.getLogger(__name__)

_PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def requirements() -> dict[str, Requirement]:
    """Return the requirements of this package, without extras, by name of the library.

    Read from the installed package, else from the checkout's ``pyproject.toml``; empty if there is
    neither.
    """
    try:
        lines = requires("hebbscope") or []
    except PackageNotFoundError:
        if not _PROJECT.is_file():
            return {}
        lines = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["dependencies"]
    found = [Requirement(line) for line in lines]
    return {
        one.name: one for one in found if one.marker is None or one.marker.evaluate({"extra": ""})
    }


def complaints() -> list[str]:
    """Return one sentence for each library that is missing or outside its tested range."""
    told = []
    for name, requirement in requirements().items():
        try:
            present = version(name)
        except PackageNotFoundError:
            told.append(f"{name} is not installed. Install it: pip install '{requirement}'")
            continue
        if not requirement.specifier.contains(present, prereleases=True):
            told.append(
                f"{name} {present} is outside the range that Hebbscope is tested with "
                f"({requirement.specifier}): the page may not work. "
                f"To fix it: pip install '{name}{requirement.specifier}'"
            )
    return told


@cache
def warn() -> None:
    """Log :func:`complaints` as warnings, once per process."""
    for sentence in complaints():
        _LOG.warning("%s", sentence)
