"""Sweeps: a map against ngc-learn config by config, a cluster of one and of two, the map on screen."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import jax

from hebb_core.run.engine import Engine, Network
from hebb_core.run.setup import Setup
from hebb_core.sweep import Axis, Plan, sweep
from hebb_core.sweep.cluster import cluster_executor

from ..browser.bench_page import BenchPage
from ..cluster import cluster
from .core import ngclearn
from .page import open_page
from .table import Row

STEPS = 200
SETUP = Setup(network=Network(32, 32), prior="l2", prior_lambda=0.05)
PLAN = Plan(SETUP, (Axis.log("eta", 1e-3, 1.0, 32), Axis.linear("w_bound", 0.2, 2.0, 32)), STEPS)


def _best(call: Any, rounds: int = 3) -> float:
    call()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(time.perf_counter() - start)
    return min(taken)


def sweep_rows() -> list[Row]:
    """A 32×32 map of 32×32 synapses over 200 steps; and the price of a synapse-step."""
    ours = _best(lambda: sweep(PLAN))

    def theirs(eta: float) -> float:
        start = time.perf_counter()
        synapse, process = ngclearn(
            32, 1, eta=eta, w_bound=1.0, sign_value=-1.0, prior=("l2", 0.05)
        )
        for _ in range(STEPS):
            process.run(dt=1.0)
        jax.block_until_ready(synapse.weights.get())
        return time.perf_counter() - start

    theirs(0.5)
    each = statistics.median(theirs(0.01 * (1 + i)) for i in range(5))

    engine, settings = Engine(Network(32, 32)), SETUP.settings()
    alone = _best(lambda: jax.block_until_ready(engine.run(settings, 1000).weights)) / 1000
    together = ours / (PLAN.cells * STEPS)
    return [
        Row.faster(
            "a 32×32 map of 32² synapses, 200 steps (ngc-learn: 5 configs timed, extrapolated)",
            ours,
            each * PLAN.cells,
            "s",
            300.0,
        ),
        Row.faster(
            "one step of one synapse of that map, against the engine's",
            together * 1e6,
            alone * 1e6,
            "µs",
            None,
        ),
    ]


def cluster_rows() -> list[Row]:
    """Cells per second of that map on one and on two workers of this machine."""
    rates = {}
    for workers in (1, 2):
        with (
            tempfile.TemporaryDirectory() as folder,
            cluster(Path(folder), workers) as (address, _),
            cluster_executor(address) as (executor, ahead),
        ):
            taken = _best(
                lambda executor=executor, ahead=ahead: sweep(PLAN, executor=executor, ahead=ahead)
            )
            rates[workers] = PLAN.cells / taken
    return [
        Row.more(
            "that map on two dask workers, against one (both on this machine)",
            rates[2],
            rates[1],
            "cells/s",
            None,
        )
    ]


_MOVE = """
value => new Promise((done) => {
  const find = (node, what) => {
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
      if (child.matches(what)) return child
      const below = find(child, what)
      if (below) return below
    }
  }
  const slider = find(document.body, "#field-w_bound-range"), told = find(document.body, ".told")
  const start = performance.now()
  slider.value = value
  slider.dispatchEvent(new Event("input"))
  let begun = false
  const look = () => {
    const known = Number(told.dataset.done)
    begun ||= known < 64
    if (begun && known >= 64) requestAnimationFrame(() => done(performance.now() - start))
    else requestAnimationFrame(look)
  }
  look()
})
"""


def map_rows() -> list[Row]:
    """From a slider's move to the coarse map's repaint, and what frames are left meanwhile."""
    with open_page() as (browser_page, server):
        visitor = BenchPage(browser_page, server).open("?map=true", frames=60)
        done = browser_page.locator(".told", has_text="1024 runs")
        done.wait_for(timeout=60_000)
        taken = []
        for value in (1.5, 2.0, 0.5, 2.5, 1.25, 3.0, 0.75, 1.75, 2.25, 3.5):
            taken.append(browser_page.evaluate(_MOVE, value) / 1000)
            done.wait_for(timeout=60_000)
            browser_page.wait_for_timeout(300)
        still = _rate(visitor)
        visitor.choose("grid", "64")
        visitor.type("map_steps", 2000)
        browser_page.wait_for_timeout(1500)
        busy = _rate(visitor)
    late = max(taken)
    return [
        Row(
            "a slider's move to the coarse map (limit 0.5 s)",
            f"{statistics.median(taken):.2f} s (worst of 10: {late:.2f})",
            "0.5 s",
            0.5 / statistics.median(taken),
            1.0,
            statistics.median(taken) <= 0.5,
        ),
        Row(
            "frames/s while a map is computed, against none (at least half)",
            f"{busy:.3g} frames/s",
            f"{still:.3g} frames/s",
            busy / still,
            0.5,
            busy >= 0.5 * still,
        ),
    ]


def _rate(visitor: BenchPage, seconds: float = 6.0) -> float:
    before, start = visitor.frames(), time.perf_counter()
    visitor.page.wait_for_timeout(seconds * 1000)
    return (visitor.frames() - before) / (time.perf_counter() - start)
