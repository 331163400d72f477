"""The learning rule: one step of one synapse as pure functions of arrays.

Contains hyperparameters, priors, optimisers, the update and its terms. May import only
:mod:`hebb_core.checks`.
"""
