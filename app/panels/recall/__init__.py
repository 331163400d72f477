"""The Recall panel: what the synapse answers to a stored cue, and how many items it holds."""
