"""The Share sheet: the address of the present page, its QR code and an iframe."""
