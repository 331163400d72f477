"""The Cell panel: the last step of one weight, number by number."""
