"""One visitor's session: the loop that turns controls into steps, and steps into frames.

``run`` holds the synapse and the jobs computed in threads. Beside it stand the pace at which the
browser receives frames, the base class of views (:mod:`app.session.view`), the selection, and what
theory and advice say of the run. May import ``host``, ``controls`` and ``ui``.
"""
