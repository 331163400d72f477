"""The sheets that open over the page from the buttons in its header: one folder each.

Each sheet is a component, created when it is first opened. May import everything but ``page``.
"""
