"""Exports :class:`Dashboard`, so that notebooks in a checkout can import it from here."""

from __future__ import annotations

from .page.dashboard import Dashboard

__all__ = ["Dashboard"]
