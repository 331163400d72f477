"""Patterns of the visitor's own: drawn on a grid, or uploaded."""
