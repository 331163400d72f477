"""One visitor: the loop that turns controls into steps of the engine, and steps into frames.

Holds the run, the jobs that are computed in threads, the pace at which the browser receives frames, and what
panels are told of a frame (:mod:`app.session.view`). May import ``host``, ``controls`` and ``ui``.
"""
