"""A visitor's past: going back, branching, setting weights, and what is kept."""

import numpy as np

from hebbscope.session.run.job import Edit

from ..visitor import run


def test_theory_is_retold_while_the_visitor_looks_back():
    async def scenario(visitor):
        visitor.probe.theory = True
        await visitor.until(lambda: visitor.live.seen and visitor.live.seen[-1].serial > 5)
        visitor.session.at = 2
        await visitor.until(lambda: visitor.pictures[-1].serial == 2)
        seen = len(visitor.pictures)
        await visitor.quiet(0.1)
        assert len(visitor.pictures) == seen
        visitor.session.refresh_theory()
        await visitor.until(lambda: len(visitor.pictures) > seen)
        assert visitor.pictures[-1].serial == 2

    run(scenario)


def test_the_past_is_not_edited_and_a_refused_edit_keeps_no_frame():
    async def scenario(visitor):
        last = (await visitor.paused(5)).last
        visitor.session.edit(Edit(0, 0, 99.0))
        await visitor.until(lambda: visitor.complaints)
        await visitor.settle()
        assert visitor.pictures[-1].last == last
        visitor.session.at = 1
        await visitor.settle()
        visitor.session.edit(Edit(0, 0, 0.5))
        await visitor.quiet()
        assert "looking at the past" in visitor.complaints[-1]
        assert visitor.session.at == 1
        assert visitor.session.run.history.last == last

    run(scenario)


def test_going_back_shows_the_past_and_holds_still_while_the_run_goes_on():
    async def scenario(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 12)
        fifth = next(p for p in visitor.pictures if p.serial == 4)
        visitor.session.at = 4
        await visitor.until(lambda: visitor.pictures[-1].serial == 4)
        np.testing.assert_array_equal(visitor.pictures[-1].weights, fifth.weights)
        np.testing.assert_array_equal(visitor.pictures[-1].d_weights, fifth.d_weights)
        shown, ran = len(visitor.pictures), visitor.live.seen[-1].step
        await visitor.until(lambda: visitor.live.seen[-1].step > ran + 40)
        assert len(visitor.pictures) == shown
        visitor.session.at = None
        await visitor.until(lambda: visitor.pictures[-1].step > ran + 40)

    run(scenario)


def test_a_past_frame_stays_on_show_when_the_history_lets_go_of_it():
    async def scenario(visitor):
        visitor.session.run.history._max_frames = 6
        await visitor.until(lambda: len(visitor.pictures) >= 5)
        visitor.session.at = 3
        await visitor.until(lambda: visitor.pictures[-1].serial == 3)
        held = visitor.pictures[-1].weights
        await visitor.until(lambda: visitor.live.seen[-1].serial > 20)
        assert visitor.session.run.history.find(3) is None
        visitor.session.look()
        await visitor.until(lambda: visitor.live.seen[-1].serial > 25)
        assert visitor.pictures[-1].serial == 3
        np.testing.assert_array_equal(visitor.pictures[-1].weights, held)

    run(scenario)


def test_a_branch_goes_on_to_the_bit_and_forgets_what_came_after():
    async def scenario(visitor):
        await visitor.paused(10)
        before = {p.serial: p.weights for p in visitor.pictures if p.moved}
        last = max(before)
        visitor.session.at = 3
        await visitor.settle()
        visitor.session.branch()
        await visitor.settle()
        assert visitor.session.at is None
        assert visitor.pictures[-1].step == 3 * 4
        assert visitor.pictures[-1].last == 3
        assert visitor.pictures[-1].steps[-1] == 3 * 4
        start = len(visitor.pictures)
        visitor.session.playing = True
        await visitor.until(lambda: (visitor.pictures[-1].serial or 0) >= last)
        again = [p for p in visitor.pictures[start:] if p.moved and p.serial in before]
        assert again
        for picture in again:
            np.testing.assert_array_equal(picture.weights, before[picture.serial])

    run(scenario)


def test_a_weight_that_is_set_stays_set_and_a_bad_one_is_refused():
    async def scenario(visitor):
        before = await visitor.paused()
        visitor.session.edit(Edit(2, 1, -0.5))
        await visitor.until(lambda: visitor.pictures[-1] is not before)
        after = visitor.pictures[-1]
        assert after.weights[2, 1] == np.float32(-0.5)
        others = np.ones(after.weights.shape, bool)
        others[2, 1] = False
        np.testing.assert_array_equal(after.weights[others], before.weights[others])
        assert after.serial is not None  # it can be gone back to
        visitor.session.edit(Edit(2, 1, 7.0))
        await visitor.until(lambda: visitor.complaints)
        assert "weight must be" in visitor.complaints[0]
        await visitor.settle()
        assert visitor.pictures[-1].weights[2, 1] == np.float32(-0.5)

    run(scenario, eta=0)


def test_the_first_frame_of_a_full_history_is_the_oldest_that_is_left():
    async def scenario(visitor):
        visitor.session.run.history._max_frames = 6
        await visitor.until(lambda: visitor.live.seen and visitor.live.seen[-1].serial > 20)
        visitor.session.at = 2
        await visitor.until(lambda: visitor.session.at != 2)
        assert visitor.session.at > 10
        await visitor.until(lambda: visitor.pictures[-1].serial == visitor.session.at)

    run(scenario)


def test_a_moved_control_leaves_a_mark_and_a_look_leaves_none():
    async def scenario(visitor):
        step = (await visitor.paused()).step
        visitor.controls.rule.eta = 0.2
        visitor.controls.layout.term = "prior"
        await visitor.settle()
        (mark,) = visitor.pictures[-1].marks
        assert (mark.step, mark.controls) == (step, {"eta"})

    run(scenario)
