"""The Draw sheet: patterns that are painted or uploaded."""
