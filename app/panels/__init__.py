"""Everything that is drawn from a run: the panels, maps, equation and status line, a folder each.

A panel never calls the engine; it receives the arrays of a frame. ``maps`` contains the heatmaps of
W and dW, and the rasters and scales that panels share with them. May import ``host``, ``controls``,
``ui`` and ``session``.
"""
