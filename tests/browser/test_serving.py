"""The ways in which the page is served, and what it leaves behind."""

import gc
import time
import weakref

import panel as pn
import pytest

from hebbscope.page.dashboard import Dashboard
from hebbscope.session.session import Session

from .bench_page import BenchPage
from .server import Server, free_port


@pytest.mark.parametrize("flags", [("--warm",), ("--dev",), ("--num-procs", "2")], ids=" ".join)
def test_every_mode_serves_the_page(browser, tmp_path, flags):
    log = tmp_path / "log.txt"
    context = browser.new_context()
    try:
        with Server(flags, log) as server:
            visitor = BenchPage(context.new_page(), server)
            visitor.open()
            visitor.healthy()
            assert server.trouble() == ""
    finally:
        context.close()


def test_a_closed_tab_frees_its_session(browser, monkeypatch):
    sessions = []
    start = Session.start

    def remembered(session):
        sessions.append(weakref.ref(session))
        start(session)

    monkeypatch.setattr(Session, "start", remembered)
    port = free_port()
    thread = pn.serve(
        {"app": lambda: Dashboard.from_address().page()},
        port=port,
        address="127.0.0.1",
        show=False,
        threaded=True,
        verbose=False,
        websocket_origin=f"127.0.0.1:{port}",
        unused_session_lifetime_milliseconds=300,
        check_unused_sessions_milliseconds=300,
    )
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/app")
        page.wait_for_function("window.hebbscope && window.hebbscope.frames > 5", timeout=30_000)
        assert len(sessions) == 1
        engine = weakref.ref(sessions[0]().run.engine)
        page.close()
        deadline = time.monotonic() + 40
        while engine() and time.monotonic() < deadline:
            gc.collect()
            time.sleep(0.3)
        assert engine() is None
        left = sessions[0]()
        assert left is None or (left._task is None and left.run.engine is None)
    finally:
        context.close()
        thread.stop()
