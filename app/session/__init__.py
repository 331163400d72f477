"""One visitor's session: the loop that turns controls into steps, and steps into frames.

``run`` contains the synapse and the jobs computed in threads. The other modules define the pace at
which the browser receives frames, the base class of views (:mod:`app.session.view`), the selection,
slow motion, the prediction of theory, and the advice. May import ``host``, ``controls`` and ``ui``.
"""
