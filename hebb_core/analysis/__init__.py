"""Analysis of a run: regimes, closed forms, recall and capacity.

May import every part of ``hebb_core`` except ``sweep`` and ``interop``.
"""
