"""The controls: each described once, with its name, range, default and explanation.

Widgets, the address of the page, Reset, the documentation and the tests are made from these descriptions.
May import ``host`` and :mod:`hebb_core`.
"""
