"""The Fields panel: the receptive field of each post-synaptic unit."""
