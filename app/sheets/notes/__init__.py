"""The Notes sheet: settings to come back to, kept in the browser."""
