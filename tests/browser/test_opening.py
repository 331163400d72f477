"""What the visitor reads before there is a picture, and when none comes."""

import os
import re

import pytest

from .bench_page import BenchPage
from .server import ROOT, Server

BROKEN = "tests/browser/broken/page.py"


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield context.new_page()
    context.close()


def broken(without, log):
    environment = {**os.environ, "WITHOUT": without, "PYTHONPATH": str(ROOT)}
    return Server((), log, what=BROKEN, environment=environment)


def reads(page, what):
    box = page.locator(f"#opening[data-says={what}]")
    box.wait_for(timeout=30_000)
    return box.inner_text()


def test_before_the_first_picture_the_maps_are_blank_and_of_the_right_shape(bench):
    page = bench.page
    # The first frame is held back: what is seen is what the page arrives with.
    page.add_init_script("window.requestAnimationFrame = () => 0")
    page.goto(bench.server.url("?n_pre=24&n_post=12"))
    page.wait_for_function("window.hebbscope?.frames === 0", polling=200)
    shown = page.evaluate(
        """() => {
          const {x_range, y_range, renderers} = Bokeh.documents[0].get_model_by_name("W")
          const marks = renderers.filter((r) => r.glyph.type === "Rect").map((r) => r.data_source.data.row.length)
          return {across: [x_range.start, x_range.end], down: [y_range.end, y_range.start], marks}
        }"""
    )
    assert shown["across"] == [-0.5, 11.5]
    assert shown["down"] == [-0.5, 23.5]


def test_the_note_goes_with_the_first_picture(fresh):
    assert fresh.page.locator("#opening").is_hidden()


# As behind a proxy that knows no websockets.
_NO_SOCKETS = "window.WebSocket = class { constructor() { throw new Error('none') } }"


def test_a_page_that_is_cut_off_from_its_server_says_what_to_do(tab, server):
    # As a course page embeds it: of no origin, so that its live connection is refused.
    tab.set_content(
        f'<iframe sandbox="allow-scripts" src="{server.url()}" width="1200" height="700"></iframe>'
    )
    box = tab.frame_locator("iframe").locator("#opening[data-says=cut_off]")
    box.wait_for(timeout=40_000)
    assert "allow-same-origin" in box.inner_text()


def test_a_page_without_a_live_connection_says_so(tab, server):
    tab.add_init_script(_NO_SOCKETS)
    tab.goto(server.url())
    assert f"--allow-websocket-origin=127.0.0.1:{server.port}" in reads(tab, "refused")
    # The frame of the page is there, and nothing pretends to be data.
    assert tab.locator("canvas").count() == 0


def test_a_server_that_has_gone_is_told(tab, tmp_path):
    tab.add_init_script(_NO_SOCKETS)
    with Server((), tmp_path / "log.txt") as server:
        tab.goto(server.url())
    assert "does not answer" in reads(tab, "gone")


@pytest.mark.parametrize(
    ("without", "says", "read", "logged"),
    [
        (
            "start",
            "silent",
            "The server's log says why",
            ["ZeroDivisionError: this page is broken on purpose", "shows no stream: 0 frames sent"],
        ),
        (
            "acknowledgements",
            "deaf",
            "stands still",
            ["shows no stream: 2 frames sent", "in _loop"],
        ),
    ],
    ids=["a run that cannot start", "frames nobody hears of"],
)
def test_what_is_broken_is_told_on_the_page_and_in_the_log(
    tab, tmp_path, without, says, read, logged
):
    log = tmp_path / "log.txt"
    with broken(without, log) as server:
        tab.goto(server.url())
        if without == "start":
            tab.get_by_text(re.compile("could not be started")).first.wait_for()
        assert read in reads(tab, says)
        tab.wait_for_timeout(500)
    text = log.read_text()
    for line in logged:
        assert line in text


def test_without_the_private_names_of_panel_bokeh_and_holoviews_the_page_streams(tab, tmp_path):
    log = tmp_path / "log.txt"
    with broken("private names", log) as server:
        visitor = BenchPage(tab, server).open()
        visitor.wait_frames(20)
        visitor.type("w_bound", 0.5)
        tab.wait_for_function(
            "Bokeh.documents[0].get_model_by_name('W').renderers[0].glyph.color_mapper.high === 0.5"
        )
        visitor.healthy()
    assert "Traceback" not in log.read_text()
