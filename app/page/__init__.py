"""The page: its layout, and every part of it that is not a panel or a sheet.

Side bar, dock, transport, timeline, keyboard shortcuts, address bar, the HTML template and
:class:`app.page.dashboard.Dashboard`, which puts everything together. May import everything.
"""
