"""What the visitor reads before there is a picture, and when none comes."""

import os
import re
import time

import pytest

from .bench_page import BenchPage
from .server import ROOT, Server

BROKEN = "tests/browser/broken/page.py"


@pytest.fixture
def tab(profile):
    """A tab whose clock can be put forward: the page is patient for some seconds before it says what is wrong."""
    page = profile.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    page.clock.install()
    yield page
    page.close()


def broken(without, log):
    environment = {**os.environ, "WITHOUT": without, "PYTHONPATH": str(ROOT)}
    return Server((), log, what=BROKEN, environment=environment)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A server of pages that lack what their addresses name."""
    with broken("", tmp_path_factory.mktemp("faulty") / "log.txt") as running:
        yield running


def reads(tab, what, inside=None):
    """What the page says once it says ``what``; ``inside`` is the frame that it is in."""
    box = (inside or tab).locator(f"#opening[data-says={what}]")
    deadline = time.monotonic() + 60
    while not box.is_visible():
        assert time.monotonic() < deadline, f"it never said {what}"
        tab.clock.run_for(500)
        tab.wait_for_timeout(50)
    return box.inner_text()


def test_before_the_first_picture_the_maps_are_blank_and_of_the_right_shape(own_tab):
    page = own_tab.page
    # The first frame is held back: what is seen is what the page arrives with.
    page.add_init_script("window.requestAnimationFrame = () => 0")
    page.goto(own_tab.server.url("?n_pre=24&n_post=12"))
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
    assert "allow-same-origin" in reads(tab, "cut_off", tab.frame_locator("iframe"))


def test_a_page_without_a_live_connection_says_so(tab, server):
    tab.add_init_script(_NO_SOCKETS)
    tab.goto(server.url())
    assert f"--allow-websocket-origin=127.0.0.1:{server.port}" in reads(tab, "refused")
    # The frame of the page is there, and nothing pretends to be data.
    assert tab.locator("canvas").count() == 0


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
    tab, faulty, without, says, read, logged
):
    tab.goto(faulty.url(f"?without={without}"))
    if without == "start":
        tab.get_by_text(re.compile("could not be started")).first.wait_for()
    else:
        tab.wait_for_function("window.hebbscope?.frames === 2")
    assert read in reads(tab, says)
    deadline = time.monotonic() + 20
    while not all(line in faulty.log.read_text() for line in logged):
        assert time.monotonic() < deadline, faulty.log.read_text()
        tab.wait_for_timeout(100)


def test_without_the_private_names_of_panel_bokeh_and_holoviews_the_page_streams(profile, tmp_path):
    log, page = tmp_path / "log.txt", profile.new_page()
    try:
        with broken("private names", log) as server:
            visitor = BenchPage(page, server).open()
            visitor.wait_frames(20)
            visitor.type("w_bound", 0.5)
            page.wait_for_function(
                "Bokeh.documents[0].get_model_by_name('W').renderers[0].glyph.color_mapper.high === 0.5"
            )
            visitor.healthy()
    finally:
        page.close()
    assert "Traceback" not in log.read_text()


def test_a_server_that_has_gone_is_told(tab, faulty):
    """The last test of the file: it ends the server."""
    tab.add_init_script(_NO_SOCKETS)
    tab.goto(faulty.url())
    faulty.stop()
    assert "does not answer" in reads(tab, "gone")
