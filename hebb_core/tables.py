"""Traces and history as data: :mod:`hebb_core.storage.tables`, under the name that scripts use."""

from __future__ import annotations

from .storage.tables import (
    history_dataset,
    history_npz,
    open_history,
    traces_csv,
    write_history,
)

__all__ = ["history_dataset", "history_npz", "open_history", "traces_csv", "write_history"]
