"""The page that ``panel serve app`` opens: one dashboard for each visitor."""

# Installed, this folder is the package ``hebbscope``; Panel runs this file outside of any package.
from hebbscope import Dashboard  # pyright: ignore[reportMissingImports]

Dashboard.from_address().servable()
