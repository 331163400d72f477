"""The heatmaps of W and dW, and of a twin: rasters, colour scale, zoom and the marked cell."""
