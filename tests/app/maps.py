"""A map small enough to be computed in a test."""

from hebbscope.controls.controls import Controls


def small(**values):
    controls = Controls()
    texts = {"n_pre": "8", "n_post": "4", "grid": "8", "map_steps": "30", "map": "true", **values}
    assert controls.apply(texts) == []
    return controls
