"""Exchange with other programs: ngc-learn's folders, and runs as Python scripts.

May import every other package of ``hebb_core``.
"""
