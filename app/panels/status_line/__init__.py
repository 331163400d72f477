"""The line under the equation: what the run is doing, and warnings about its settings."""
