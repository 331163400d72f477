"""The least that a page with a heatmap is: a bare Panel page of one HoloViews image."""

import holoviews as hv
import numpy as np
import panel as pn

hv.extension("bokeh")
pn.extension()

image = hv.Image(np.random.default_rng(0).normal(size=(64, 32)))
pn.pane.HoloViews(image).servable()
