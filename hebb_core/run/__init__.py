"""Runs: their settings, the compiled loop, and the record of their steps.

:class:`hebb_core.run.engine.Engine` computes pattern → circuit → rule → metrics for many steps per
call. May import ``checks``, ``rule`` and ``signals``.
"""
