"""The map of many runs: how two of the controls decide what becomes of a synapse."""
