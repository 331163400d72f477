"""Each private name that the app borrows: that it is there, acts as before, and can be missed.

A failure here names what a new version of Panel, Bokeh or HoloViews has changed.
"""

import ast
import asyncio
import inspect
import logging
import socket
import threading
from pathlib import Path
from types import SimpleNamespace

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend
import numpy as np
import param
import pytest
from bokeh.client import pull_session
from bokeh.document import Document
from bokeh.models import ColumnDataSource
from bokeh.server.server import Server
from panel.io import resources
from panel.reactive import Syncable

from hebbscope.host import private

APP = Path(private.__file__).parents[1]


class Heard(private.PromptComponent):
    told = param.Integer(default=0)
    _esm = "export function render() {}"

    def __init__(self, **params):
        super().__init__(**params)
        self.at_once = []

    def heard_at_once(self, name, value):
        self.at_once.append((name, value))
        return True


class TestSyncable:
    def test_debounce_is_the_milliseconds_of_every_component(self):
        assert Syncable._debounce == 50
        assert "self._debounce" in inspect.getsource(Syncable)

    def test_server_change_takes_what_we_pass_on(self):
        names = list(inspect.signature(Syncable._server_change).parameters)
        assert names == private._SERVER_CHANGE
        assert private.PromptComponent._server_change is not Syncable._server_change

    def test_a_change_of_the_browser_is_heard_at_once(self):
        component = Heard()
        document = Document()
        model = component.get_root(document)
        model.data.told = 3
        assert component.at_once == [("told", 3)]
        assert component.told == 0


class TestSocket:
    def test_the_socket_of_a_session_is_reached_and_does_not_wait(self):
        """A real server and a real client: what is borrowed is neither documented nor public."""
        found = {}
        ready, over = threading.Event(), threading.Event()

        def app(document):
            document.add_root(ColumnDataSource())

        async def serve():
            server = Server({"/": app}, port=0, address="127.0.0.1")
            server.start()
            found["url"] = f"http://127.0.0.1:{server.port}/"
            ready.set()
            while not over.is_set():
                await asyncio.sleep(0.02)
                for session in server.get_sessions():
                    if found.get("connected") and "delay" not in found:
                        private.send_at_once(session.document)
                        (connection,) = session._subscribed_connections
                        raw = connection._socket.ws_connection.stream.socket
                        found["delay"] = raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            server.stop()
            server.unlisten()

        thread = threading.Thread(target=lambda: asyncio.run(serve()))
        thread.start()
        assert ready.wait(20)
        session = pull_session(url=found["url"])
        try:
            found["connected"] = True
            for _ in range(500):
                if "delay" in found:
                    break
                over.wait(0.02)
        finally:
            session.close()
            over.set()
            thread.join(20)
        assert found["delay"] != 0

    def test_without_it_nothing_happens_but_a_warning(self, caplog):
        private._MISSED.clear()
        document = SimpleNamespace(session_context=SimpleNamespace(session=SimpleNamespace()))
        with caplog.at_level(logging.WARNING):
            private.send_at_once(document)
            private.send_at_once(document)
        assert [r.levelname for r in caplog.records] == ["WARNING"]
        assert "_subscribed_connections" in caplog.text


class TestDocument:
    def test_style_sheets_are_served_from_here(self):
        document = Document()
        private.serve_own_resources(document)
        assert document.template_variables["dist_url"] == resources.get_dist_path(cdn=False)
        assert "http" not in document.template_variables["dist_url"]

    def test_models_are_listed_once_within_freeze(self, monkeypatch):
        document, walks = Document(), []
        recompute = document.models.recompute
        monkeypatch.setattr(document.models, "recompute", lambda: (walks.append(1), recompute()))
        with private.frozen(document):
            for _ in range(5):
                document.add_root(ColumnDataSource())
        assert sum(walks) == 1
        assert len(document.models) >= 5

    @pytest.mark.parametrize("gone", ["get_dist_path", "freeze"])
    def test_either_can_be_missed(self, gone, monkeypatch):
        borrow = private.borrow
        monkeypatch.setattr(
            private, "borrow", lambda o, n, w, d=None: d if n == gone else borrow(o, n, w, d)
        )
        document = Document()
        private.serve_own_resources(document)
        with private.frozen(document):
            document.add_root(ColumnDataSource())
        assert len(document.roots) == 1


class TestPlot:
    def test_a_plot_lets_go_of_its_document(self):
        plot = hv.renderer("bokeh").get_plot(hv.Image(np.eye(2)))
        assert plot.document is not None
        private.let_go_of_document(plot)
        assert plot.document is None

    def test_one_without_a_document_is_left_as_it_is(self):
        private.let_go_of_document(SimpleNamespace())


# Of our own classes, and of what param and Panel document as theirs to be overridden.
_OWN = {"_esm", "_stylesheets", "_handle_msg", "_send_msg", "_validate_value", "_exit"}


def test_no_private_attribute_of_a_library_is_touched_elsewhere():
    found = []
    for file in sorted(APP.rglob("*.py")):
        if "host" in file.relative_to(APP).parts:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Attribute) or node.attr in _OWN:
                continue
            of_our_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")
            if node.attr.startswith("_") and not node.attr.startswith("__") and not of_our_own:
                found.append(f"{file.name}:{node.lineno} {node.attr}")
    assert found == []


@pytest.mark.parametrize("word", ["Bokeh.", ".prototype", "invalidate_layout", "request_repaint"])
def test_no_script_but_one_reaches_into_bokehjs(word):
    scripts = [*APP.rglob("*.js"), *APP.rglob("*.html")]
    assert [file.name for file in scripts if word in file.read_text(encoding="utf-8")] in (
        ["private.js"],
        [],
    )
