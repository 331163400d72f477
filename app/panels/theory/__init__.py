"""The Theory panel: closed-form predictions, and how far the run is from them."""
