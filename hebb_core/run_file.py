"""A run in one file: :mod:`hebb_core.storage.run_file`, under the name that scripts use."""

from __future__ import annotations

from .storage.run_file import SavedRun, read_run, write_run

__all__ = ["SavedRun", "read_run", "write_run"]
