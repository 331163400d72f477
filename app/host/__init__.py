"""Where the app meets its hosts, Panel, Bokeh, HoloViews and Tornado, below their public surface.

Nothing else in ``app`` touches a private or undocumented name of theirs: :mod:`app.host.private`
holds every one in Python, ``private.js`` every one of BokehJS. :mod:`app.host.loop` brings
callbacks home to the event loop, and :mod:`app.host.versions` knows which versions were tested.
Imports nothing of the rest of ``app``.
"""
