"""What is drawn of a run: a folder for each panel.

A panel never calls the engine; it receives the arrays of a frame. ``maps`` holds the heatmaps of W and dW and
what other panels share with them. May import ``host``, ``controls``, ``ui`` and ``session``.
"""
