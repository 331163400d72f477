"""Capacity: how memory fills up, load by load, and what it costs to find out."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.analysis.capacity import capacity, load_of, loads_of
from hebb_core.analysis.memory_items import stored_items
from hebb_core.analysis.recall import accuracy, degrade_each, match, probe
from hebb_core.run.engine import Engine, Network
from hebb_core.run.setup import Setup
from hebb_core.run.steps import run_key

from ..runs import SHAPE

LEARNS = Setup(
    eta=0.05,
    w_bound=1.0,
    pattern="paired_associates",
    circuit="error",
    network=Network(*SHAPE, seed=3),
    batch_size=4,
)


def test_memory_fills_up():
    points = list(capacity(LEARNS))
    assert [point.load for point in points] == [1, 2, 5, 10, 20, 50, 100, 200, 256]
    assert [point.load for point in points] == list(loads_of("paired_associates"))
    by_load = {point.load: point for point in points}
    assert by_load[1].accuracy == by_load[2].accuracy == 1
    assert by_load[256].accuracy < 0.3 < by_load[10].accuracy
    assert by_load[256].match < by_load[2].match
    assert all(point.presentations == pytest.approx(20, abs=1) for point in points)


def test_a_point_is_the_run_that_the_page_would_show():
    [point] = capacity(LEARNS, [6], 10, noise=0.2, occlusion=0.25)
    chosen = LEARNS.at("pairs", 6).settings()
    engine = Engine(LEARNS.network, batch_size=4)
    engine.run(chosen, 15)
    items = stored_items(chosen.pattern, engine.state.key, SHAPE)
    cues = degrade_each(items.cues, 0.2, 0.25, engine.state.key)
    outputs = probe(chosen.hyper, engine.state.synapse.weights, engine.state.synapse.biases, cues)
    assert point.accuracy == accuracy(outputs, items.targets)
    assert point.match == match(outputs, items.targets).mean()
    assert point.presentations == 10


def test_spoilt_cues_are_recalled_worse():
    [whole] = capacity(LEARNS, [5])
    [spoilt] = capacity(LEARNS, [5], noise=1.0, occlusion=0.5)
    assert spoilt.accuracy < whole.accuracy
    assert spoilt.match < whole.match


def test_it_compiles_nothing_that_a_run_has_not(compilations):
    engine = Engine(LEARNS.network, batch_size=4)
    engine.run(LEARNS.settings(), 3)
    items = stored_items(LEARNS.settings().pattern, run_key(3), SHAPE)
    degrade_each(items.cues, 0.1, 0.1, run_key(3))
    compilations.clear()
    assert len(list(capacity(LEARNS, noise=0.1))) == 9
    assert len(list(capacity(replace(LEARNS, pattern="letters", pattern_values={})))) == 6
    assert compilations == []


def test_points_come_one_by_one_and_cancelling_ends_them():
    asked = itertools.count()
    points = capacity(LEARNS, cancelled=lambda: next(asked) >= 3)
    assert [point.load for point in points] == [1, 2, 5]


def test_work_is_limited():
    # A step costs 12·16·4 products: 32 of them are two presentations of 64 items each.
    points = list(capacity(LEARNS, [1, 64, 128, 129], max_work=32 * 768))
    assert [(point.load, point.presentations) for point in points] == [
        (1, 20),
        (64, 2),
        (128, 1),
    ]


def test_a_run_that_breaks_leaves_a_gap():
    points = list(capacity(replace(LEARNS, w_bound=0.0, eta=1e30), [1, 2]))
    assert [point.load for point in points] == [1, 2]
    assert all(np.isnan(point.accuracy) and np.isnan(point.match) for point in points)


def test_loads_are_those_that_the_pattern_can_store():
    assert loads_of("letters") == (1, 2, 5, 10, 20, 26)
    assert load_of("clusters").name == "prototypes"
    for pattern in ("ring", "one_hot", "drawn", "bars"):
        assert load_of(pattern) is None
        assert loads_of(pattern) == ()
        with pytest.raises(ValueError, match=f"can be set, got '{pattern}'"):
            capacity(replace(LEARNS, pattern=pattern))


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ({"loads": [0]}, "pairs"),
        ({"loads": [257]}, "pairs"),
        ({"presentations": 0}, "presentations"),
        ({"noise": -1}, "noise"),
        ({"occlusion": 2}, "occlusion"),
        ({"max_work": 0}, "max_work"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_run(asked, named):
    with pytest.raises(ValueError, match=named):
        capacity(LEARNS, **asked)
