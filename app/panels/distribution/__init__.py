"""The Distribution panel: the histogram of the weights."""
