"""Background work: debounced, the newest request only, stale results discarded."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from hebbscope.host.background import Background


class Work:
    """Doubles numbers, and records what happens."""

    def __init__(self, pool, **more):
        self.wants = 1
        self.computed, self.delivered, self.finished = [], [], []
        self.gate = threading.Event()
        self.gate.set()
        self.background = Background(
            wanted=lambda: self.wants,
            compute=self.compute,
            deliver=lambda request, result: self.delivered.append((request, result)),
            finish=lambda request, failure: self.finished.append((request, failure)),
            pool=pool,
            delay=0.01,
            **more,
        )

    def compute(self, request, cancelled):
        self.computed.append(request)
        self.gate.wait(60)
        if request == 13:
            raise ZeroDivisionError("unlucky")
        yield 2 * request
        yield 3 * request

    async def until(self, holds):
        deadline = asyncio.get_running_loop().time() + 60
        while not holds():
            assert asyncio.get_running_loop().time() < deadline, "it never came true"
            await asyncio.sleep(0.002)


def play(scenario, **more):
    async def main():
        with ThreadPoolExecutor(1) as pool:
            await scenario(Work(pool, **more))

    asyncio.run(main())


def test_many_requests_are_one_and_every_result_is_delivered():
    async def scenario(work):
        for _ in range(5):
            work.background.ask()
        await work.until(lambda: work.finished)
        assert work.computed == [1]
        assert work.delivered == [(1, 2), (1, 3)]
        assert work.finished == [(1, None)]
        assert work.background.under_way is None

    play(scenario)


def test_a_new_request_discards_the_old_one_and_those_that_wait_are_never_computed():
    async def scenario(work):
        work.gate.clear()
        work.background.refresh()
        await work.until(lambda: work.computed == [1])
        for work.wants in (2, 3, 4):
            work.background.refresh()
        work.gate.set()
        await work.until(lambda: work.finished)
        assert work.computed == [1, 4]
        assert work.delivered == [(4, 8), (4, 12)]
        assert work.finished == [(4, None)]

    play(scenario)


def test_the_same_request_goes_on():
    async def scenario(work):
        work.gate.clear()
        work.background.refresh()
        await work.until(lambda: work.computed)
        work.background.refresh()
        work.gate.set()
        await work.until(lambda: work.finished)
        assert work.computed == [1]

    play(scenario)


def test_a_failure_is_logged_and_handed_over(caplog):
    async def scenario(work):
        work.wants = 13
        work.background.refresh()
        await work.until(lambda: work.finished)
        [(request, failure)] = work.finished
        assert request == 13
        assert isinstance(failure, ZeroDivisionError)
        assert "background work failed" in caplog.text
        work.wants = 1
        work.background.refresh()
        await work.until(lambda: len(work.finished) == 2)

    play(scenario)


@pytest.mark.parametrize("end", ["cancel", "stop"])
def test_what_was_cancelled_delivers_nothing(end):
    async def scenario(work):
        work.gate.clear()
        work.background.refresh()
        await work.until(lambda: work.computed)
        getattr(work.background, end)()
        work.gate.set()
        await work.until(lambda: work.background._task.done())
        assert work.delivered == work.finished == []

    play(scenario)


def test_stop_cancels_what_is_about_to_be_asked():
    async def scenario(work):
        work.background.ask()
        work.background.stop()
        await asyncio.sleep(0.1)
        assert work.computed == []

    play(scenario)


def test_a_beginning_that_fails_leaves_nothing_under_way():
    def fail(_):
        raise ZeroDivisionError

    async def scenario(work):
        with pytest.raises(ZeroDivisionError):
            work.background.refresh()
        assert work.background.under_way is None

    play(scenario, begin=fail)
