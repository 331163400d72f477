"""The Share sheet: a link to the page in its current state, a QR code, HTML for an iframe."""
