"""The equation above the maps, with the terms that are switched on."""
