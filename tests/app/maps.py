"""A map small enough to be computed in a test."""

from hebbscope.panels.registry import BenchControls


def small(**values):
    controls = BenchControls()
    texts = {"n_pre": "8", "n_post": "4", "grid": "8", "map_steps": "30", "map": "true", **values}
    assert controls.apply(texts) == []
    return controls
