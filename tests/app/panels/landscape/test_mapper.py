"""The map in the background: kept up with the controls, stopped, loaded from, never in the way."""

import asyncio
import os
import time
from concurrent.futures import BrokenExecutor, ThreadPoolExecutor

import numpy as np
import pytest

from hebb_core.sweep import sweep
from hebbscope.panels.landscape import mapper as mapper_module
from hebbscope.panels.landscape import pool
from hebbscope.panels.landscape.mapper import Grid, Mapper, plan_of
from hebbscope.panels.landscape.view import MapPanel

from ....cluster import cluster
from ...context import context
from ...maps import small


@pytest.fixture
def threads(monkeypatch):
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(mapper_module.pool, "executor", lambda: (executor, 2))
        yield executor


def mapped(controls, what):
    """Run ``what(panel, wait)`` on an event loop, where ``wait`` waits for a state of the map."""
    page = context(controls=controls)

    async def play():
        panel = MapPanel(page)

        async def wait(state="done"):
            deadline = time.monotonic() + 60
            while panel.mapper.landscape.state != state:
                assert time.monotonic() < deadline, panel.mapper.landscape
                await asyncio.sleep(0.01)

        panel.mapper.restart()
        await what(panel, wait)
        panel.mapper.stop()

    asyncio.run(play())
    return page.session


def test_the_map_is_that_of_the_sweep_and_follows_the_controls(threads):
    controls = small()

    async def what(panel, wait):
        await wait()
        grid = panel.mapper.landscape.grid
        np.testing.assert_array_equal(grid.result["mean_abs"], sweep(plan_of(controls))["mean_abs"])
        assert panel.chart.progress == [64, 64, "64 runs", ""]
        before = panel.chart.picture
        controls.bound.w_bound = 2.0
        await asyncio.sleep(0.1)
        await wait()
        assert panel.mapper.landscape.grid.plan.setup.w_bound == 2.0
        assert panel.chart.picture != before
        # One of its own axes only moves the mark.
        grid, marker = panel.mapper.landscape.grid, panel.chart.marker
        controls.rule.eta = 0.2
        await asyncio.sleep(0.1)
        assert panel.mapper.landscape.grid is grid
        assert panel.chart.marker != marker
        controls.map.outcome = "regime"
        assert "converging" in panel.chart.picture or "growing" in panel.chart.picture
        assert panel.mapper.landscape.grid is grid

    mapped(controls, what)


def test_a_cell_is_looked_at_and_loaded(threads):
    controls = small()

    async def what(panel, wait):
        await wait()
        plan = panel.mapper.landscape.grid.plan
        panel.chart.looked = 3 + 8 * 5
        assert 'data-cell="3,5"' in panel.chart.tip
        panel.chart.received({"kind": "load", "cell": 3 + 8 * 5})
        assert controls.rule.eta == plan.axes[0].values[3]
        assert controls.prior.prior_lambda == plan.axes[1].values[5]
        assert panel.chart.marker == [pytest.approx(3), pytest.approx(5)]
        panel.chart.looked = -1
        assert panel.chart.tip == ""
        for hostile in (
            {"kind": "load", "cell": wrong} for wrong in (64, -1, "x", 1.5, True, None)
        ):
            panel.chart.received(hostile)
        assert controls.rule.eta == plan.axes[0].values[3]

    assert mapped(controls, what).asked == ["reset"]


def test_it_can_be_stopped_and_started_again(threads):
    controls = small(grid="64", map_steps="2000")

    async def what(panel, wait):
        while not panel.mapper.landscape.grid or not panel.mapper.landscape.grid.done.any():
            await asyncio.sleep(0.01)
        panel.chart.received({"kind": "toggle"})
        await wait("stopped")
        known = panel.mapper.landscape.grid.done.sum()
        assert 0 < known < 4096
        await asyncio.sleep(0.3)
        assert panel.mapper.landscape.grid.done.sum() == known
        controls.map.param.update(grid="8", map_steps=20)
        await asyncio.sleep(0.1)
        await wait()
        assert panel.mapper.landscape.grid.done.all()

    mapped(controls, what)


def test_a_cluster_computes_maps(tmp_path, monkeypatch):
    controls = small()
    with cluster(tmp_path, workers=1) as (address, _):
        monkeypatch.setenv(pool.SCHEDULER, address)
        try:

            async def what(panel, wait):
                await wait()
                result = panel.mapper.landscape.grid.result
                np.testing.assert_array_equal(
                    result["mean_abs"], sweep(plan_of(controls))["mean_abs"]
                )

            mapped(controls, what)
        finally:
            pool.close()


def test_a_cluster_that_is_not_there_is_said(monkeypatch, caplog):
    monkeypatch.setenv(pool.SCHEDULER, "tcp://127.0.0.1:9")
    monkeypatch.setattr("hebb_core.sweep.cluster._PATIENCE", 1)

    async def what(panel, wait):
        await wait("failed")
        assert "cluster" in panel.chart.progress[2]

    mapped(small(), what)


def test_a_closed_map_costs_nothing(threads, monkeypatch):
    begun = []
    monkeypatch.setattr(Mapper, "_begin", lambda *_: begun.append(1))
    controls = small(map="false")

    async def what(panel, wait):
        controls.bound.w_bound = 2.0
        await asyncio.sleep(0.2)

    mapped(controls, what)
    assert begun == []


def test_what_goes_wrong_is_said_and_the_page_lives_on(threads, monkeypatch, caplog):
    controls = small()
    monkeypatch.setattr(Grid, "fill", lambda *_: 1 / 0)

    async def what(panel, wait):
        await wait("failed")
        assert "could not" in panel.chart.progress[2]
        controls.map.map_y = "eta"
        await asyncio.sleep(0.1)
        assert "same" in panel.chart.progress[2]

    mapped(controls, what)


def test_a_dead_worker_is_replaced(caplog):
    controls = small()
    try:
        broken, _ = pool.executor()
        with pytest.raises(BrokenExecutor):
            broken.submit(os._exit, 1).result()

        async def what(panel, wait):
            await wait("failed")
            panel.chart.received({"kind": "toggle"})
            await wait()

        mapped(controls, what)
    finally:
        pool.close()
