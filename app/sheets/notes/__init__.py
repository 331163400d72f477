"""The Notes sheet: saved settings, stored in the browser."""
