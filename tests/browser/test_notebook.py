"""The dashboard inside a notebook, and the core beside it: the notebook is really executed."""

import re

import nbformat
import pytest
from nbclient import NotebookClient

from .bench_page import BenchPage

CELLS = (
    "from hebb_core import Engine, Settings, hyperparameters, pattern_settings, circuit_settings\n"
    "frame = Engine(batch_size=4).run(Settings(hyperparameters(eta=0.05, sign_value=-1.0),\n"
    "    pattern_settings('bars'), circuit_settings('linear')), 50)\n"
    "frame.weights.shape",
    "from hebbscope import Dashboard\n"
    "bench = Dashboard({'eta': '0.2', 'n_pre': '20'})\n"
    "shown = bench.servable()\n"
    "shown",
    "bench.controls.bound.w_bound = 3.0",
    "shown.stop()",
)


class Frame:
    """A server that a notebook's cell has named."""

    def __init__(self, url):
        self._url = url
        self.port = int(re.search(r":(\d+)/", url)[1])

    def url(self, query=""):
        return self._url + query


@pytest.fixture
def kernel(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(text) for text in CELLS])
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        resources={"metadata": {"path": str(tmp_path)}},
    )
    with client.setup_kernel():
        yield client, notebook


def test_a_notebook_shows_the_bench_inline(kernel, profile):
    client, notebook = kernel

    def run(place):
        client.execute_cell(notebook.cells[place], place)
        return notebook.cells[place].outputs

    assert "(64, 32)" in run(0)[-1]["data"]["text/plain"]
    html = run(1)[-1]["data"]["text/html"]
    page = profile.new_page()
    try:
        visitor = BenchPage(page, Frame(re.search(r'src="([^"]+)"', html)[1]))
        # As a notebook shows it: the output of the cell in a page of its own.
        page.set_content(f"<body style='margin:0'>{html}</body>")
        inside = page.frame_locator("iframe")
        inside.locator('[data-map="W"]').wait_for(timeout=30_000)
        (frame,) = (f for f in page.frames if f != page.main_frame)
        frame.wait_for_function("window.hebbscope && window.hebbscope.frames >= 5")
        before = frame.evaluate(
            "Bokeh.documents[0].get_model_by_name('W').renderers[0].data_source.data.image[0][0]"
        )
        frame.wait_for_function(
            "was => Bokeh.documents[0].get_model_by_name('W').renderers[0].data_source.data.image[0][0] !== was",
            arg=before,
        )
        assert not inside.locator(".logo").is_visible()
        assert inside.locator("#field-eta-entry").input_value() == "0.2"
        # A control that another cell sets moves the page, paused as well.
        inside.get_by_role("button", name="Pause").click()
        inside.get_by_role("button", name="Play").wait_for()
        run(2)
        frame.wait_for_function(
            "Bokeh.documents[0].get_model_by_name('W').renderers[0].glyph.color_mapper.high === 3"
        )
        assert visitor.errors == []
    finally:
        page.close()
    run(3)
