"""The sheets that open over the page from the buttons in its head: one folder each.

Each is a component that is made when it is first opened. May import everything but ``page``.
"""
