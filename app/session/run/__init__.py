"""A visitor's run: the synapse, the jobs that compute its steps, and the record of changes to it.

May import :mod:`app.session.view` and :mod:`app.session.traces`, but not
:mod:`app.session.session`, which drives the run.
"""
