"""Building blocks of the page: components in JavaScript, form fields, buttons, colours, plots.

None of them depends on a run. May import ``host`` and ``controls``.
"""
