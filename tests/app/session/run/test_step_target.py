"""A run that is told how far to go, is asked, and is opened from a file."""

import asyncio
import io

import numpy as np
import pytest

from hebb_core.storage.run_file import SavedRun, read_run, write_run

from ...visitor import run


def saved_of(visitor, frames=False):
    """A question to the run: all that a file of it holds."""

    def question(ran):
        kept = list(ran.history)
        arrays = ran.traces.arrays("a")
        setup = visitor.controls.setup(visitor.controls.a)
        return SavedRun(setup, kept[-1].state, frames=tuple(kept) if frames else (), arrays=arrays)

    return question


def there_and_back(saved):
    file = io.BytesIO()
    write_run(file, saved)
    file.seek(0)
    return read_run(file)


def test_it_goes_so_many_steps_and_pauses():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.pictures)
        await visitor.settle()
        before = visitor.session.steps_taken
        visitor.session.go_on(10)
        await visitor.until(lambda: not visitor.session.playing)
        assert visitor.session.steps_taken == before + 10
        visitor.session.go_on(7, afresh=True)
        await visitor.until(lambda: not visitor.session.playing)
        assert visitor.session.steps_taken == 7

    run(scenario, steps_per_frame=4)


@pytest.mark.parametrize("step", [0, 3, 2500])
def test_it_goes_to_a_step_at_once(step):
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) > 3)
        before = len(visitor.pictures)
        visitor.session.go_on(step, afresh=True, hurry=True)
        await visitor.until(lambda: not visitor.session.playing)
        await visitor.settle()
        assert visitor.pictures[-1].step == step
        assert len(visitor.pictures) < before + 20
        # Play goes on from there.
        visitor.session.playing = True
        await visitor.until(lambda: visitor.session.steps_taken > step)

    run(scenario, steps_per_frame=2)


def test_a_pause_on_the_way_is_kept():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.pictures)
        visitor.session.go_on(100_000)
        visitor.session.playing = False
        visitor.session.playing = True
        await visitor.until(lambda: visitor.session.steps_taken > 30)
        assert visitor.session._goal is None

    run(scenario)


def test_a_question_is_answered_while_paused_and_while_playing():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.pictures)
        assert await visitor.session.consult(lambda ran: len(ran.history)) >= 1
        await visitor.settle()
        assert await visitor.session.consult(lambda ran: ran.engine.batch_size) == 1
        with pytest.raises(ZeroDivisionError):
            await visitor.session.consult(lambda ran: 1 // 0)
        visitor.session.playing = True
        shown = len(visitor.pictures)
        await visitor.until(lambda: len(visitor.pictures) > shown)

    run(scenario)


@pytest.mark.parametrize("frames", [False, True])
def test_a_saved_run_goes_on_to_the_bit(frames):
    found = {}

    async def save(visitor):
        visitor.session.go_on(12, afresh=True, hurry=True)
        await visitor.until(lambda: not visitor.session.playing)
        await visitor.settle()
        found["file"] = there_and_back(await visitor.session.consult(saved_of(visitor, frames)))
        found["values"] = visitor.controls.values()
        visitor.session.go_on(9)
        await visitor.until(lambda: visitor.session.steps_taken == 21)
        await visitor.settle()
        found["end"] = visitor.pictures[-1].weights

    async def reopen(visitor):
        await visitor.until(lambda: len(visitor.pictures) > 3)
        visitor.session.open(found["file"], found["values"])
        await visitor.until(lambda: visitor.pictures[-1].step == 12)
        await visitor.settle()
        assert not visitor.session.playing
        assert visitor.controls.rule.eta == 0.2
        visitor.session.go_on(9)
        await visitor.until(lambda: visitor.session.steps_taken == 21)
        await visitor.settle()
        np.testing.assert_array_equal(visitor.pictures[-1].weights, found["end"])
        steps, rows = await visitor.session.consult(lambda ran: ran.traces.recent())
        assert steps.tolist() == list(range(1, 22))
        assert np.isfinite(rows).all()
        if frames:
            first = await visitor.session.consult(lambda ran: next(iter(ran.history)).frame.step)
            assert first == 0

    run(save, eta=0.2, steps_per_frame=3)
    run(reopen, eta=0.7, prior="l1")


def test_a_saved_run_of_another_size_takes_over():
    found = {}

    async def save(visitor):
        visitor.session.go_on(5, afresh=True, hurry=True)
        await visitor.until(lambda: not visitor.session.playing)
        found["file"] = await visitor.session.consult(saved_of(visitor))
        found["values"] = visitor.controls.values()

    async def reopen(visitor):
        visitor.controls.network.n_pre = 20
        await visitor.until(lambda: visitor.pictures and visitor.pictures[-1].shape == (20, 5))
        visitor.session.open(found["file"], found["values"])
        await visitor.until(lambda: visitor.pictures[-1].shape == (8, 5))
        await visitor.settle()
        assert visitor.pictures[-1].step == 5

    run(save)
    run(reopen)


def test_nobody_waits_for_ever_for_a_session_that_ended():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.pictures)
        visitor.session.stop()
        with pytest.raises(asyncio.CancelledError):
            await visitor.session.consult(lambda ran: 1)

    run(scenario)
