"""The whole path of a new user: install, open, turn the knobs, take a lesson, save, open, map."""

import subprocess

import numpy as np
import pytest

from hebbscope.panels.registry import PANELS

from ..browser.bench_page import BenchPage
from ..browser.test_files import Sheet
from .machine import CommandServer, clean_environment

# Canvases under the maps that have something on them, in all shadow roots.
_PAINTED = """() => {
  const found = []
  const visit = (node) => {
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
      if (child.tagName === "CANVAS" && child.width > 1 && child.height > 1 && child.getClientRects().length) {
        const {data} = child.getContext("2d").getImageData(0, 0, child.width, child.height)
        if (new Set(new Uint32Array(data.buffer)).size > 2) found.push(child)
      }
      visit(child)
    }
  }
  visit(document.querySelector(".dock"))
  return found.length
}"""


@pytest.fixture(scope="module")
def server(machine, tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with CommandServer(machine, log) as running:
        yield running
        running.wait_until_left()
    assert running.trouble() == "", log.read_text()


@pytest.fixture(scope="module")
def visitor(server, browser):
    """A fresh tab, opened as soon as the server answers; nothing may go wrong in it until the end."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    visitor = BenchPage(context.new_page(), server)
    visitor.page.goto(server.url())
    yield visitor
    context.close()


def test_a_first_fresh_tab_streams(visitor):
    page = visitor.page
    page.wait_for_function("window.hebbscope?.frames >= 5", timeout=10_000)
    visitor.wait_frames(20)
    page.wait_for_function("document.getElementById('opening').hidden")
    # Panel 1.10 has a loader that darkens the page; ours takes its place.
    assert page.locator("#loader").count() == 0
    visitor.healthy()


def test_the_knobs_act(visitor):
    visitor.pause()
    for eta, moves in ((0, False), (0.5, True)):
        visitor.type("eta", eta)
        visitor.settle()
        before = visitor.values("W")
        visitor.press("Step")
        visitor.settle()
        assert (np.abs(visitor.values("W") - before).max() > 0) == moves, eta
    visitor.type("w_bound", 0.5)
    visitor.page.wait_for_function(
        "Bokeh.documents[0].get_model_by_name('W').renderers[0].glyph.color_mapper.high === 0.5"
    )
    visitor.settle()
    shown = {}
    for prior in ("l2", "l1", "constant"):
        visitor.choose("prior", prior)
        visitor.settle()
        shown[prior] = visitor.values("dW")
    assert np.abs(shown["l1"] - shown["constant"]).max() > 0.01
    assert np.abs(shown["l1"] - shown["l2"]).max() > 0.01
    visitor.type("sign_value", 1)
    visitor.page.locator(".hebb-verdict", has_text="shrink").wait_for()
    visitor.settle()
    np.testing.assert_allclose(visitor.values("dW"), -shown["constant"], atol=1e-6)
    visitor.healthy()


def test_each_panel_draws(visitor):
    visitor.restore()
    for name in PANELS:
        if visitor.page.locator(f"#field-{name}").is_checked():
            visitor.switch(name)
    visitor.page.wait_for_function(f"({_PAINTED})() === 0", polling=300)
    for name in PANELS:
        visitor.switch(name)
        visitor.page.wait_for_function(f"({_PAINTED})() > 0", polling=300, timeout=60_000)
        visitor.switch(name)
        visitor.page.wait_for_function(f"({_PAINTED})() === 0", polling=300)
    visitor.healthy()


def test_a_map_appears(visitor):
    visitor.restore()
    visitor.switch("map")
    visitor.set(grid="8", map_steps=60)
    visitor.page.locator('.told[data-done="64"]', has_text="64 runs").wait_for(timeout=60_000)
    visitor.switch("map")
    visitor.healthy()


def test_a_lesson_runs(visitor):
    page = visitor.page
    visitor.restore()
    page.locator("[data-sheet=lessons]").click()
    page.locator("#lesson-sign").click()
    page.locator('input[name="prediction"]').first.wait_for()
    visitor.settle()
    page.locator('input[name="prediction"]').first.check()
    page.get_by_role("button", name="Commit").click()
    page.locator(".why").wait_for(timeout=60_000)
    close = page.get_by_role("button", name="Close the lesson")
    close.click()
    close.wait_for(state="detached")
    visitor.healthy()


def test_a_run_is_saved_and_opened(visitor):
    visitor.restore()
    visitor.pause()
    step, weights = visitor.steps(), visitor.values("W")
    sheet = Sheet(visitor)
    name, content = sheet.take("run")
    assert name == f"hebbscope-run-step{step}.npz"
    sheet.close()
    visitor.press("New seed")
    visitor.settle()
    assert np.abs(visitor.values("W") - weights).max() > 0
    again = Sheet(visitor)
    again.open("mine.npz", content)
    assert again.told("good").startswith("Opened “mine.npz”.")
    again.close()
    visitor.settle()
    assert visitor.steps() == step
    np.testing.assert_array_equal(visitor.values("W"), weights)
    visitor.healthy()


def test_the_core_is_there_without_the_app(machine, tmp_path):
    script = (
        "import hebb_core, sys; from hebb_core.sweep import Axis, Plan, Setup, sweep; "
        "r = sweep(Plan(Setup(), (Axis.log('eta', 1e-3, 1.0, 2), Axis.linear('w_bound', 0.2, 2.0, 2)), steps=5)); "
        "assert r['mean_abs'].size == 4; assert 'panel' not in sys.modules"
    )
    done = subprocess.run(
        [machine.python, "-W", "error", "-c", script],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
