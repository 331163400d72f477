"""The ways in which the page is served, and what it leaves behind."""

import pytest

from .bench_page import BenchPage
from .server import Server


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


def test_a_closed_tab_frees_its_session(browser, tmp_path):
    """Sessions are counted by the server itself, which runs with a page that tells."""
    log = tmp_path / "log.txt"
    flags = (
        "--unused-session-lifetime",
        "500",
        "--check-unused-sessions",
        "500",
        "--rest-session-info",
    )
    with Server(flags, log) as server:
        context = browser.new_context()
        visitor = BenchPage(context.new_page(), server).open()
        page = context.new_page()

        def live():
            info = page.request.get(f"http://127.0.0.1:{server.port}/rest/session_info").json()
            return info["session_info"]["live"]

        assert live() == 1
        visitor.page.close()
        page.wait_for_timeout(3000)
        assert live() == 0
        context.close()
        assert server.trouble() == ""
