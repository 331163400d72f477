"""Reading and writing files without pickle: checkpoints, whole runs and tables.

Every file is treated as untrusted: sizes, names and types are checked before anything is used.
May import ``checks``, ``rule``, ``signals`` and ``run``.
"""
