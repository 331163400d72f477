"""Files: checkpoints, whole runs and tables, written and read without pickle.

Whatever is read may be hostile: sizes, names and types are checked before anything is used. May import
``checks``, ``rule``, ``signals`` and ``run``.
"""
