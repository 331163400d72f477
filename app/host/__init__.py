"""Where the app meets its hosts, Panel, Bokeh, HoloViews and Tornado, below their public surface.

No other code in ``app`` touches a private or undocumented name of theirs: :mod:`app.host.private`
holds every one in Python, ``private.js`` every one of BokehJS. (Two style sheets name classes,
``bk-btn`` and ``bk-Tooltip``, and ``page.html`` replaces blocks of Panel's template.)
:mod:`app.host.loop` brings callbacks home to the event loop, :mod:`app.host.threads` has threads give
way to the stream, and :mod:`app.host.versions` knows which versions were tested. Imports nothing of
the rest of ``app``.
"""
