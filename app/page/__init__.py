"""The page: its layout, and every part of it that is not a panel or a sheet.

:class:`app.page.dashboard.Dashboard` puts everything together. ``bars`` holds the strips around the
maps, ``template`` the HTML page. May import everything.
"""
