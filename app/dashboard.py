"""Exports :class:`Dashboard` under the name that notebooks in a checkout import."""

from __future__ import annotations

from .page.dashboard import Dashboard

__all__ = ["Dashboard"]
