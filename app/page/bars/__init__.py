"""The strips around the maps: side bar, transport, stages of a step, timeline, dock, address bar.

May import everything but :mod:`app.page.dashboard`.
"""
