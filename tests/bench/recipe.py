"""What HoloViews and Panel document for streaming, to compare with: Pipe → DynamicMap → Image."""

import os

import holoviews as hv
import numpy as np
import panel as pn
from holoviews.streams import Pipe

from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Engine, Network, Settings
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings

hv.extension("bokeh")
pn.extension()

size = int(os.environ["RECIPE_SIZE"])
engine = Engine(Network(size, size))
settings = Settings(
    hyperparameters(eta=0.05, sign_value=-1.0, prior=("l2", 0.05)),
    pattern_settings("ring"),
    circuit_settings("teacher"),
)
pipes = [Pipe(data=np.zeros((size, size), np.float32)) for _ in range(2)]


def image(data):
    """One frame as an element."""
    return hv.Image(data, bounds=(0, 0, size, size)).opts(
        cmap="RdBu_r", responsive=True, min_height=600, clim=(-1, 1), tools=["hover"]
    )


def advance():
    """Four steps, then both pictures."""
    frame = engine.run(settings, 4)
    pipes[0].send(np.array(frame.weights))
    pipes[1].send(np.array(frame.d_weights))


pn.Row(
    *(hv.DynamicMap(image, streams=[pipe]) for pipe in pipes), sizing_mode="stretch_width"
).servable()
pn.state.onload(lambda: pn.state.add_periodic_callback(advance, period=20))
