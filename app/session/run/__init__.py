"""A visitor's run: the synapse, the jobs that its steps are computed in, and what happened to it.

May import :mod:`app.session.view` and :mod:`app.session.traces`, but not
:mod:`app.session.session`, which drives the run.
"""
