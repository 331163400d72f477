"""The Recall panel: the output for a stored cue, and recall accuracy over the number of items."""
