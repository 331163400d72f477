"""The page in Chromium: frames shown, against the documented recipe; and slider to pixel."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from hebbscope.panels.registry import PANELS

from ..browser.bench_page import BenchPage
from ..browser.server import Server, launch_options
from .table import Row

WANTED = {64: 2.0, 256: 1.8, 1024: 8.0}
SECONDS = 8

# Counts the frames in which both images were painted anew.
_COUNT = """
() => {
  const sources = []
  for (const model of Bokeh.documents[0]._all_models.values()) {
    if (model.type === "ColumnDataSource" && model.data.image !== undefined) sources.push(model)
  }
  window.counted = 0
  let fresh = new Set()
  let asked = false
  for (const source of sources) {
    source.properties.data.change.connect(() => {
      fresh.add(source)
      if (fresh.size < sources.length || asked) return
      asked = true
      requestAnimationFrame(() => { window.counted += 1; fresh = new Set(); asked = false })
    })
  }
  return sources.length
}
"""

_LATENCY = """
value => new Promise((done) => {
  const mapper = Bokeh.documents[0].get_model_by_name("W").renderers[0].glyph.color_mapper
  const find = (node) => {
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
      if (child.id === "field-w_bound-range") return child
      const below = find(child)
      if (below) return below
    }
  }
  window.slider ??= find(document.body)
  const seen = () => {
    if (Math.abs(mapper.high - value) > 1e-9) return
    mapper.properties.high.change.disconnect(seen)
    // A message posted from an animation frame arrives when that frame has been painted.
    requestAnimationFrame(() => {
      const {port1, port2} = new MessageChannel()
      port1.onmessage = () => done(performance.now() - start)
      port2.postMessage(null)
    })
  }
  mapper.properties.high.change.connect(seen)
  const start = performance.now()
  window.slider.value = value
  window.slider.dispatchEvent(new Event("input"))
})
"""


@contextlib.contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@contextlib.contextmanager
def _serving(what: str = "app", **environment: str) -> Iterator[Server]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Server(
            (), Path(folder) / "log.txt", what=what, environment={**os.environ, **environment}
        ) as server,
    ):
        _settle(server)
        yield server


def _settle(server: Server, seconds: float = 2.0) -> None:
    """Wait until the server has used next to no time for so many seconds: it has warmed up."""
    ticks = os.sysconf("SC_CLK_TCK")

    def used() -> float:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / ticks

    before = -1.0
    while used() - before > 0.05 * seconds:
        before = used()
        time.sleep(seconds)


@contextlib.contextmanager
def open_page() -> Iterator[tuple[Page, Server]]:
    """A blank page in Chromium, and a server that has warmed up."""
    with _browser() as browser, _serving() as server:
        page = _page(browser)
        yield page, server
        page.close()


def _page(browser: Browser) -> Page:
    return browser.new_page(viewport={"width": 1440, "height": 900})


def _count(page: Page, read: str) -> float:
    page.wait_for_timeout(3000)
    start: Any = page.evaluate(f"[{read}, performance.now()]")
    page.wait_for_timeout(SECONDS * 1000)
    end: Any = page.evaluate(f"[{read}, performance.now()]")
    return (end[0] - start[0]) / (end[1] - start[1]) * 1000


def _recipe(browser: Browser, size: int) -> float:
    with _serving("tests/bench/recipe.py", RECIPE_SIZE=str(size)) as server:
        page = _page(browser)
        page.goto(server.url())
        page.wait_for_function(
            "window.Bokeh && Bokeh.documents.length && Bokeh.documents[0].is_idle", timeout=60_000
        )
        if page.evaluate(_COUNT) != 2:
            raise RuntimeError("the recipe's page does not show two images")
        rate = _count(page, "window.counted")
        page.close()
        return rate


def frame_rows() -> list[Row]:
    """Frames per second of both heatmaps at three sizes."""
    rows = []
    with _browser() as browser:
        for size, wanted in WANTED.items():
            theirs = _recipe(browser, size)
            with _serving() as server:
                page = _page(browser)
                BenchPage(page, server).open(f"?n_pre={size}&n_post={size}")
                ours = _count(page, "window.hebbscope.frames")
                page.close()
            rows.append(Row.more(f"both heatmaps at {size}²", ours, theirs, "frames/s", wanted))
    return rows


def everything_row() -> Row:
    """Frames per second at 64×32 with every panel open."""
    with _browser() as browser, _serving() as server:
        page = _page(browser)
        panels = "&".join(f"{name}=true" for name in PANELS if name != "map")
        BenchPage(page, server).open(f"?{panels}&numbers=true")
        ours = _count(page, "window.hebbscope.frames")
        page.close()
    return Row(
        "64×32 with every panel open but the map (at least 30 frames/s)",
        f"{ours:.3g} frames/s",
        "30 frames/s",
        ours / 30,
        1.0,
        ours >= 30,
    )


def latency_row(samples: int = 60) -> Row:
    """From setting w_bound in the browser to the first painted frame with it, 64², streaming."""
    with _browser() as browser, _serving() as server:
        page = _page(browser)
        visitor = BenchPage(page, server).open("?n_pre=64&n_post=64", frames=60)
        rng = np.random.default_rng(0)
        taken = []
        for _ in range(samples):
            value = round(float(rng.integers(10, 80)) * 0.05, 2)
            if value == float(visitor.field("w_bound").input_value()):
                continue
            taken.append(page.evaluate(_LATENCY, value))
            page.wait_for_timeout(float(rng.uniform(20, 120)))
    middle, late = np.percentile(taken, [50, 95])
    return Row(
        "slider to pixel at 64², p95 (limit 150 ms)",
        f"{late:.0f} ms (median {middle:.0f})",
        "150 ms",
        150 / late,
        1.0,
        late <= 150,
    )
