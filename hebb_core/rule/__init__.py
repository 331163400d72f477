"""The rule: one step of one synapse as pure functions of arrays.

Hyperparameters, priors, optimisers, the update and its terms. May import :mod:`hebb_core.checks` alone.
"""
