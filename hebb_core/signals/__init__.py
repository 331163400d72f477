"""Inputs of the rule: patterns for pre, circuits for post, and the random numbers of a step.

May import ``checks`` and ``rule``.
"""
