"""The page as a class, under the name that notebooks in a checkout use."""

from __future__ import annotations

from .page.dashboard import Dashboard

__all__ = ["Dashboard"]
