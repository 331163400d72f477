"""Where the app meets Panel, Bokeh, HoloViews and Tornado below their public surface.

Nothing else in ``app`` touches a private or undocumented name of theirs: :mod:`app.platform.private`
holds every one in Python, ``private.js`` every one of BokehJS. :mod:`app.platform.loop` brings
callbacks home to the event loop, and :mod:`app.platform.versions` knows which versions were tested.
Imports nothing of the rest of ``app``.
"""
