"""The Files sheet: saves and opens runs, exports scripts, pictures and data."""
