"""The page: what goes where, and what belongs to it as a whole.

Side bar, dock, transport, timeline, keyboard, address bar, notices, the HTML template and
:class:`app.page.dashboard.Dashboard`, which puts everything together. May import everything.
"""
