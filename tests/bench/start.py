"""The first seconds: a server's start, a first picture, and the frames of a first visitor."""

from __future__ import annotations

import contextlib
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from ..browser.server import Server, launch_options
from .table import Row

_TIMES = 3
_BARE = "tests/bench/bare.py"
_PAINTED = {
    "app": "window.hebbscope?.frames >= 1",
    _BARE: "window.Bokeh?.documents.length > 0 && Bokeh.documents[0].is_idle",
}
_EARLY = 20  # s after its first picture in which a first visitor is measured
_LATER = 30  # s after which the server has done all that it does by itself


def _answers(server: Server) -> float:
    """Wait until the server answers a request; returns the time at which it did."""
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/nothing-here", timeout=60)
        except urllib.error.HTTPError:
            return time.perf_counter()
        except OSError:
            time.sleep(0.01)


@contextlib.contextmanager
def _started(what: str) -> Iterator[tuple[Server, float]]:
    """A server that answers for the first time, and the seconds that it took to."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        with Server((), Path(folder) / "log.txt", what=what) as server:
            yield server, _answers(server) - begun


@contextlib.contextmanager
def _page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        # The browser itself is warm: only the page is measured.
        page.goto("about:blank")
        yield page
        browser.close()


def _first_picture(page: Page, server: Server) -> float:
    begun = time.perf_counter()
    page.goto(server.url(), wait_until="commit")
    page.wait_for_function(_PAINTED[server.what], timeout=120_000, polling=20)
    return time.perf_counter() - begun


def _rate(page: Page, seconds: float) -> float:
    frames, start = page.evaluate("[window.hebbscope.frames, performance.now()]")
    page.wait_for_timeout(seconds * 1000)
    after, end = page.evaluate("[window.hebbscope.frames, performance.now()]")
    return (after - frames) / (end - start) * 1000


def start_rows() -> list[Row]:
    """From the start of the process to its answer, and from a request to the first picture."""
    answers: dict[str, list[float]] = {"app": [], _BARE: []}
    pictures: dict[str, list[float]] = {"app": [], _BARE: []}
    with _page() as page:
        for _ in range(_TIMES):
            for what in (_BARE, "app"):
                with _started(what) as (server, seconds):
                    answers[what].append(seconds)
                    pictures[what].append(_first_picture(page, server))
                    page.goto("about:blank")
    return [
        Row.faster(
            "start of the process to its first answer, against a bare Panel page of one image",
            median(answers["app"]),
            median(answers[_BARE]),
            "s",
            None,
        ),
        Row.faster(
            "then, from the first request of the page to its first picture",
            median(pictures["app"]),
            median(pictures[_BARE]),
            "s",
            None,
        ),
    ]


def early_row() -> Row:
    """Frames per second that the first visitor of a server sees at once, against later."""
    with _page() as page, _started("app") as (server, _):
        _first_picture(page, server)
        early = _rate(page, _EARLY)
        page.goto("about:blank")
        page.wait_for_timeout(_LATER * 1000)
        _first_picture(page, server)
        later = _rate(page, _EARLY)
    return Row.more(
        f"frames/s in the first {_EARLY} s of a server's first page, against a later page",
        early,
        later,
        "frames/s",
        0.8,
    )
