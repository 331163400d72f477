"""Callbacks reach the event loop, whichever thread calls them."""

import asyncio
import logging
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest
from tornado.websocket import WebSocketClosedError

from hebbscope.host import loop
from hebbscope.host.loop import (
    ThreadsafeEvent,
    call_on_loop,
    forgive_closed_tabs,
    on_loop,
    running_loop,
)


class Served:
    """A document of a session, as the server would call it back: on the loop, in turn."""

    def __init__(self, loop):
        self.loop = loop
        self.session_context = object()

    def add_next_tick_callback(self, call):
        assert asyncio.iscoroutinefunction(call), "Bokeh 3.10 would run it in a worker"
        asyncio.run_coroutine_threadsafe(call(), self.loop)


@pytest.fixture
def in_worker(monkeypatch):
    """Runs a function in a thread, on whose document the loop of the test is."""

    async def run(call):
        served = Served(asyncio.get_running_loop())
        there = SimpleNamespace(state=SimpleNamespace(curdoc=served))
        monkeypatch.setattr("hebbscope.host.loop.pn", there)
        await asyncio.to_thread(call)
        for _ in range(3):
            await asyncio.sleep(0)

    return run


def test_a_call_from_a_worker_runs_on_the_loop(in_worker):
    called = []

    @on_loop
    def callback(name, *, more):
        called.append((name, more, threading.current_thread(), running_loop() is not None))

    asyncio.run(in_worker(lambda: callback("a", more=1)))
    assert called == [("a", 1, threading.main_thread(), True)]


def test_a_call_on_the_loop_is_not_put_off():
    async def scenario():
        called = []
        call_on_loop(called.append, 1)
        assert called == [1]

    asyncio.run(scenario())


def test_a_call_in_a_script_is_made_at_once():
    called = []
    call_on_loop(called.append, 1)
    assert called == [1]


def test_a_failure_on_the_loop_is_logged_with_its_traceback(in_worker, caplog):
    def fail():
        raise ZeroDivisionError("so it is")

    with caplog.at_level(logging.ERROR):
        asyncio.run(in_worker(lambda: call_on_loop(fail)))
    (record,) = caplog.records
    assert record.exc_info[0] is ZeroDivisionError


def test_bokeh_still_sees_the_arguments_of_a_callback():
    # It refuses callbacks of a property that do not take (attr, old, new).
    from bokeh.models import Range1d

    def moved(attr, old, new):
        seen.append((attr, new))

    seen = []
    axis = Range1d(start=0, end=1)
    axis.on_change("end", on_loop(moved))
    axis.end = 2
    assert seen == [("end", 2)]


def test_an_event_set_in_a_thread_wakes_the_loop():
    async def scenario():
        event = ThreadsafeEvent()
        for _ in range(50):
            waiting = asyncio.ensure_future(event.wait())
            await asyncio.sleep(0)
            threading.Thread(target=event.set).start()
            # A plain asyncio.Event is set and the loop sleeps on.
            await asyncio.wait_for(waiting, 10)
            event.clear()
        event.set()
        await event.wait()

    asyncio.run(scenario())


def test_an_event_that_outlives_its_loop_is_set_in_silence():
    event = ThreadsafeEvent()

    async def scenario():
        event.set()
        await event.wait()
        event.clear()

    asyncio.run(scenario())
    event.set()


def test_closed_tabs_are_forgiven_and_nothing_else():
    async def scenario():
        loop = asyncio.get_running_loop()
        told = []
        loop.set_exception_handler(lambda _, context: told.append(context["message"]))
        forgive_closed_tabs(loop)
        forgive_closed_tabs(loop)
        loop.call_exception_handler({"message": "closed", "exception": WebSocketClosedError()})
        loop.call_exception_handler({"message": "other", "exception": ValueError()})
        assert told == ["other"]

    asyncio.run(scenario())


@pytest.mark.parametrize("hears", [".on_click(", ".on_event(", ".on_change("])
def test_whatever_hears_the_browser_is_brought_to_the_loop(hears):
    app = Path(loop.__file__).parents[1]
    lines = [line for file in app.rglob("*.py") for line in file.read_text().splitlines()]
    heard = [line for line in lines if hears in line and "js_on" not in line]
    assert heard
    assert [line for line in heard if "on_loop(" not in line] == []
