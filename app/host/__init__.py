"""Event loop, threads, and adapters to the host libraries (Panel, Bokeh, HoloViews, Tornado).

No other code in ``app`` uses a private or undocumented name of these libraries:
:mod:`app.host.private` contains all private names used in Python, ``private.js`` the private names
of BokehJS. (Two style sheets name the classes ``bk-btn`` and ``bk-Tooltip``, and ``page.html``
overrides blocks of Panel's template.)

:mod:`app.host.loop` runs callbacks on the event loop, :mod:`app.host.debouncer` debounces them, and
:mod:`app.host.background` computes requests in one of the thread pools of :mod:`app.host.pools`.
:mod:`app.host.threads` lowers the priority of worker threads, and :mod:`app.host.versions` checks
the installed versions. Imports nothing else from ``app``.
"""
