"""Reads lessons from Markdown files, and checks them.

May import :mod:`app.lessons.lesson` and :mod:`app.lessons.quantities`.
"""
