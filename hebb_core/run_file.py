"""Save a run to one file and read it back: public alias of :mod:`hebb_core.storage.run_file`."""

from __future__ import annotations

from .storage.run_file import SavedRun, read_run, write_run

__all__ = ["SavedRun", "read_run", "write_run"]
