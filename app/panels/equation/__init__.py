"""The equation over the plots, with the terms that are switched on."""
