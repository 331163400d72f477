"""The page as a visitor meets it: a real server, a real Chromium."""

import pytest
from playwright.sync_api import expect

from .bench_page import PATIENCE, BenchPage
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
    with Server(("--plugins", "tests.browser.at_rest"), log) as running:
        yield running
        running.wait_until_left()
    assert running.trouble() == "", log.read_text()


@pytest.fixture(scope="session")
def profile(browser, browser_context_args):
    """One browser profile for all visitors: scripts are fetched and compiled once."""
    context = browser.new_context(**browser_context_args)
    context.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield context
    context.close()


@pytest.fixture(scope="session")
def tab(profile, server):
    """One tab for all tests that open a page: a new one costs as much again."""
    page = profile.new_page()
    yield BenchPage(page, server)
    page.close()


@pytest.fixture
def bench(tab):
    """One visitor who has yet to open a page; afterwards, nothing may have gone wrong in the browser."""
    tab.page.bring_to_front()
    tab.forget()
    yield tab
    try:
        tab.healthy()
    finally:
        tab.page.evaluate("localStorage.clear()")
        tab.page.goto("about:blank")


@pytest.fixture
def own_tab(profile, server):
    """As ``bench``, in a tab of its own: what is done to its scripts goes with it."""
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
def fresh(desk, request):
    """The desk with every control at its default, a few frames into a new run.

    Of the panels those are open that are open at first, and those that the file of tests names in ``PANELS``.
    """
    desk.page.bring_to_front()
    desk.forget()
    desk.restore(getattr(request.module, "PANELS", ()))
    yield desk
    desk.rest()
    desk.healthy()
