"""What theory and measurement say of a run: regimes, closed forms, recall, capacity.

May import everything but ``sweep`` and ``interop``.
"""
