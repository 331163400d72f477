"""The page that ``panel serve app`` opens: one dashboard for each visitor."""

# When installed, this folder is the package ``hebbscope``. Panel runs this file outside any
# package, so a relative import would fail.
from hebbscope import Dashboard  # pyright: ignore[reportMissingImports]

Dashboard.from_address().servable()
