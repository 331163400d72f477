"""The loop of a visitor, without a browser: what goes out, when, and what is told."""

import asyncio
import gc
import re
import weakref

import numpy as np
import pytest

from hebbscope.session.stream import IN_FLIGHT

from ..visitor import run


def test_nothing_goes_out_before_the_browser_listens():
    async def scenario(visitor):
        await visitor.quiet()
        assert visitor.pictures == []
        visitor.clock.painted = 0
        await visitor.until(lambda: visitor.pictures, painting=False)

    run(scenario)


def test_at_most_two_frames_are_on_their_way():
    async def scenario(visitor):
        visitor.clock.painted = 0
        await visitor.until(lambda: len(visitor.pictures) == IN_FLIGHT, painting=False)
        await visitor.quiet()
        assert len(visitor.pictures) == IN_FLIGHT
        visitor.paint()
        await visitor.until(lambda: len(visitor.pictures) == 2 * IN_FLIGHT, painting=False)

    run(scenario)


def test_a_run_starts_from_its_initial_weights_and_moves_by_steps_per_frame():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 5)
        steps = [p.step for p in visitor.pictures[:5]]
        assert steps == [0, 7, 14, 21, 28]
        assert [p.fresh for p in visitor.pictures[:3]] == [True, False, False]

    run(scenario, steps_per_frame=7)


def test_the_pictures_are_the_same_run_at_any_pace():
    found = {}

    def scenario_for(per_frame):
        async def scenario(visitor):
            await visitor.until(lambda: visitor.pictures and visitor.pictures[-1].step >= 24)
            found[per_frame] = next(p for p in visitor.pictures if p.step == 24).weights

        return scenario

    for per_frame in (3, 24):
        run(scenario_for(per_frame), steps_per_frame=per_frame)
    np.testing.assert_array_equal(found[3], found[24])


def test_nothing_goes_out_while_paused_but_one_preview_a_change():
    async def scenario(visitor):
        await visitor.paused()
        shown, step = len(visitor.pictures), visitor.pictures[-1].step
        visitor.paint()
        await visitor.quiet()
        assert len(visitor.pictures) == shown
        visitor.controls.bound.w_bound = 3.0
        await visitor.until(lambda: len(visitor.pictures) > shown)
        visitor.paint()
        await visitor.quiet()
        assert len(visitor.pictures) == shown + 1
        before, after = visitor.pictures[-2:]
        assert after.step == step
        np.testing.assert_array_equal(after.weights, before.weights)
        assert not np.array_equal(after.d_weights, before.d_weights)

    run(scenario)


def test_step_pauses_and_takes_one():
    async def scenario(visitor):
        step = (await visitor.paused()).step
        visitor.session.step()
        await visitor.until(lambda: visitor.pictures[-1].step == step + 1)
        visitor.session.step()
        visitor.session.step()
        await visitor.until(lambda: visitor.pictures[-1].step == step + 3)
        await visitor.quiet()
        assert visitor.pictures[-1].step == step + 3
        assert not visitor.session.playing

    run(scenario)


def test_looking_elsewhere_shows_the_same_frame_again():
    async def scenario(visitor):
        await visitor.paused()
        visitor.session.step()
        await visitor.settle()
        before = visitor.pictures[-1]
        visitor.session.look()
        await visitor.until(lambda: visitor.pictures[-1] is not before)
        after = visitor.pictures[-1]
        np.testing.assert_array_equal(after.weights, before.weights)
        np.testing.assert_array_equal(after.d_weights, before.d_weights)

    run(scenario)


def test_reset_and_new_seed():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 4)
        first = visitor.pictures[0].weights
        await visitor.settle()
        visitor.session.reset()
        await visitor.settle()
        assert visitor.pictures[-1].step == 0
        assert visitor.pictures[-1].fresh
        np.testing.assert_array_equal(visitor.pictures[-1].weights, first)
        visitor.session.new_seed()
        await visitor.settle()
        assert visitor.pictures[-1].step == 0
        assert not np.array_equal(visitor.pictures[-1].weights, first)

    run(scenario)


def test_batch_and_optimiser_change_without_a_new_run():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 3)
        visitor.controls.network.batch_size = 4
        visitor.controls.optimiser.optim_type = "adam"
        await visitor.until(lambda: visitor.pictures[-1].pre.shape[0] == 4)
        steps = [p.step for p in visitor.pictures]
        assert steps == sorted(steps)
        assert sum(p.fresh for p in visitor.pictures) == 1

    run(scenario)


def test_another_size_starts_a_new_run():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 3)
        visitor.controls.network.n_pre = 20
        await visitor.until(lambda: visitor.pictures[-1].shape == (20, 5))
        new = next(p for p in visitor.pictures if p.shape == (20, 5))
        assert new.fresh
        assert new.step == 0

    run(scenario)


def test_weights_that_break_pause_the_run_keep_the_frame_and_say_why():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.complaints)
        assert not visitor.session.playing
        await visitor.quiet()
        assert len(visitor.complaints) == 1
        assert "stopped being finite at step" in visitor.complaints[0]
        assert "η (now 10)" in visitor.complaints[0]
        assert "w_bound is 0" in visitor.complaints[0]
        for picture in visitor.pictures:
            assert np.isfinite(picture.weights).all()
            assert np.isfinite(picture.d_weights).all()
        # Turned down, it goes on from where it stood.
        step = visitor.pictures[-1].step
        visitor.controls.rule.eta = 0.001
        visitor.session.playing = True
        await visitor.until(lambda: visitor.pictures[-1].step > step)

    run(scenario, eta=10, w_bound=0, circuit="linear", pattern="random_binary")


def test_a_run_that_breaks_stands_on_its_last_finite_step():
    async def scenario(visitor):
        await visitor.until(lambda: visitor.complaints)
        await visitor.quiet()
        broke = int(re.search(r"at step (\d+)", visitor.complaints[0])[1])
        assert broke > 2
        assert visitor.pictures[-1].step == broke - 1
        assert visitor.live.seen[-1].steps[-1] == broke - 1

    run(scenario, eta=10, w_bound=0, circuit="linear", pattern="random_binary", steps_per_frame=500)


def test_what_failed_is_not_tried_again_by_itself(monkeypatch):
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 2)
        with monkeypatch.context() as patched:
            patched.setattr(
                "hebb_core.run.engine.Engine.run", lambda *_: (_ for _ in ()).throw(MemoryError)
            )
            await visitor.until(lambda: visitor.complaints)
        seen = len(visitor.pictures)
        await visitor.quiet()
        assert len(visitor.pictures) == seen
        assert len(visitor.complaints) == 1
        visitor.session.reset()
        await visitor.until(lambda: len(visitor.pictures) > seen)
        assert visitor.pictures[-1].step == 0

    run(scenario)


def test_a_step_that_fails_is_told_and_the_loop_goes_on(monkeypatch):
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 2)
        with monkeypatch.context() as patched:
            patched.setattr(
                "hebb_core.run.engine.Engine.run", lambda *_: (_ for _ in ()).throw(MemoryError)
            )
            await visitor.until(lambda: visitor.complaints)
        assert not visitor.session.playing
        assert "could not be computed" in visitor.complaints[0]
        step = visitor.pictures[-1].step
        visitor.session.playing = True
        await visitor.until(lambda: visitor.pictures[-1].step > step)

    run(scenario)


def test_status_tells_steps_and_rates():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.statuses) >= 4)
        last = visitor.statuses[-1]
        assert last.step > 0
        assert last.steps_per_second > 0
        assert last.frames_per_second > 0
        await visitor.settle()
        visitor.session.step()
        await visitor.settle()
        assert visitor.statuses[-1].step == visitor.pictures[-1].step

    run(scenario)


def test_a_stopped_session_lets_go_of_its_synapse():
    engines = []

    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 2)
        engines.append(weakref.ref(visitor.session.run.engine))
        await visitor.settle()
        visitor.session.stop()
        await visitor.quiet(0.1)

    run(scenario)
    gc.collect()
    assert engines[0]() is None


def test_a_picture_that_cannot_be_drawn_is_told_and_the_loop_goes_on():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 2)
        draw, visitor.probe.draw = visitor.probe.draw, lambda part: 1 / 0
        await visitor.until(lambda: visitor.complaints)
        visitor.probe.draw = draw
        step = visitor.pictures[-1].step
        visitor.session.playing = True
        await visitor.until(lambda: visitor.pictures[-1].step > step)

    run(scenario)


def test_a_closed_panel_costs_nothing():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 3)
        visitor.probe.open = False
        await visitor.quiet(0.1)
        shown, ran = len(visitor.pictures), visitor.live.seen[-1].step
        await visitor.until(lambda: visitor.live.seen[-1].step > ran + 40)
        assert len(visitor.pictures) <= shown + 1

    run(scenario)


@pytest.mark.parametrize("rate", [30])
def test_frame_rate_is_that_of_paints(rate):
    async def scenario(visitor):
        visitor.session.stop()
        visitor.clock.painted = 0
        for frame in range(1, 25):
            visitor.clock.sent = frame
            visitor.clock.painted = frame
            await asyncio.sleep(1 / rate)
        assert 0.5 * rate < visitor.pace.rate() <= 1.1 * rate

    run(scenario)
