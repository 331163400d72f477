"""Definitions of all controls: the name, range, default and explanation of each, in one place.

Widgets, the page's URL parameters, Reset, the documentation and the tests are derived from them.
May import ``host`` and :mod:`hebb_core`.
"""
