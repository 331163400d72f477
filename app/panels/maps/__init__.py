"""The heatmaps of W and dW of both twins: rasters, colour scale, zoom and the marked cell."""
