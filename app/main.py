"""The page that ``panel serve app`` opens: one dashboard for each visitor."""

from app.dashboard import Dashboard

Dashboard.from_address().servable()
