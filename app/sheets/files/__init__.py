"""The Take away sheet: runs, scripts, pictures and data, out and in."""
