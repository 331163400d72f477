"""One visitor's session: the loop that turns controls into steps, and steps into frames.

Contains the run, the jobs computed in threads, the pace at which the browser receives frames, and
the base class of views (:mod:`app.session.view`). May import ``host``, ``controls`` and ``ui``.
"""
