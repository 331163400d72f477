"""A run: what it is built from, the compiled loop, and what is recorded of its steps.

Pattern → circuit → rule → metrics, many steps in one call (:class:`hebb_core.run.engine.Engine`). May import
``checks``, ``rule`` and ``signals``.
"""
