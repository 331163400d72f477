"""The page as a visitor meets it: a real server, a real Chromium."""

import pytest

from .bench_page import BenchPage
from .server import Server, launch_options


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args):
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "color_scheme": "light",
        "reduced_motion": "reduce",
    }


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with Server((), log) as running:
        yield running
        running.wait_until_left()
    assert running.trouble() == "", log.read_text()


@pytest.fixture(scope="session")
def profile(browser, browser_context_args):
    """One browser profile for all visitors: scripts are fetched and compiled once."""
    context = browser.new_context(**browser_context_args)
    yield context
    context.close()


@pytest.fixture
def bench(profile, server):
    """One visitor in a tab of their own; afterwards, nothing may have gone wrong in the browser."""
    page = profile.new_page()
    visitor = BenchPage(page, server)
    yield visitor
    try:
        visitor.healthy()
    finally:
        page.evaluate("localStorage.clear()")
        page.close()


@pytest.fixture(scope="session")
def desk(profile, server):
    """One page for all tests that do not care how it was opened: opening takes seconds."""
    page = profile.new_page()
    visitor = BenchPage(page, server).open()
    yield visitor
    page.close()


@pytest.fixture
def fresh(desk):
    """The desk with every control at its default, a few frames into a new run."""
    desk.page.bring_to_front()
    desk.restore()
    yield desk
    # A run that nobody looks at would slow down the next test's page.
    pause = desk.page.get_by_role("button", name="Pause")
    if pause.is_visible():
        pause.click()
        desk.page.get_by_role("button", name="Play").wait_for()
    desk.healthy()
