"""A lesson in the side bar: what is asked, what is run, and when the reason is told."""

from __future__ import annotations

import asyncio
import json

import numpy as np
import pytest

from hebb_core.run.setup import Setup
from hebbscope.lessons import load_lessons
from hebbscope.lessons.components import LessonList, LessonPanel
from hebbscope.lessons.measuring import _Play
from hebbscope.panels.registry import BenchControls

from ..visitor import Visitor

LESSONS, _ = load_lessons()
NAMES = [lesson.name for lesson in LESSONS]


def played(lesson, steps):
    """The weights that the first steps of a lesson lead to, without a page."""
    play = _Play(lesson.settings)
    for step in lesson.steps[:steps]:
        play.obey(step.run)
    return np.asarray(play._frame.weights)


def wanted_setup(lesson, at) -> Setup:
    controls = BenchControls()
    assert controls.load(lesson.settings) == []
    for step in lesson.steps[:at]:
        if step.run is not None:
            controls.apply(step.run.set)
    return controls.setup()


class Learner:
    """A visitor with lessons in the side bar, who presses what there is to press."""

    def __init__(self, visitor):
        self.visitor, self.opened = visitor, []
        self.panel = LessonPanel(LESSONS, visitor.session, self.opened.append)

    def press(self, kind, **fields):
        self.panel.received({"kind": kind, **fields})

    async def ran(self):
        """Wait until what was asked for has come to its end."""
        await self.visitor.until(lambda: self.visitor.pictures)
        await self.visitor.until(lambda: self.panel._task is None or self.panel._task.done())
        await self.visitor.settle()

    async def take(self, at):
        """Go to a step, commit to its first choice, and wait for the run."""
        self.press("show_step", step=at)
        self.press("commit", choice=0)
        await self.ran()

    async def runs(self):
        """Wait until the run goes on."""
        await self.visitor.until(lambda: self.visitor.session.playing)

    def stands_after(self, steps):
        """The weights on show are those that the first steps of the lesson lead to."""
        shown = self.visitor.pictures[-1].weights
        np.testing.assert_array_equal(shown, played(self.panel.open_lesson, steps))


def teach(scenario, lesson=None):
    """Have a learner do as told, once the lesson is open and set up, if one is named."""

    async def main():
        visitor = Visitor(steps_per_frame=20)
        learner = Learner(visitor)
        visitor.session.start()
        try:
            if lesson is not None:
                learner.panel.open(lesson)
                await learner.ran()
            await scenario(learner, learner.panel, visitor)
        finally:
            visitor.session.stop()

    asyncio.run(main())


def test_a_lesson_opens_at_its_initial_weights_and_waits():
    async def scenario(learner, panel, visitor):
        assert learner.opened == [panel.open_lesson]
        assert visitor.pictures[-1].step == 0
        shown = json.loads(panel.lesson)
        assert len(shown["steps"]) == len(panel.chosen) >= 2
        # Nobody can read ahead.
        assert not any(panel.told_why)
        assert all(set(step) == {"heading", "question", "choices"} for step in shown["steps"])
        await visitor.quiet()
        assert visitor.pictures[-1].step == 0

    teach(scenario, "stuck")


@pytest.mark.parametrize("name", NAMES)
def test_the_page_comes_to_the_weights_that_the_claims_are_measured_on(name):
    async def scenario(learner, panel, _):
        for at, step in enumerate(panel.open_lesson.steps):
            await learner.take(at)
            assert panel.told_why[at] == step.explanation_html
            if step.run is None or step.run.steps is None:
                return
            learner.stands_after(at + 1)

    teach(scenario, name)


@pytest.mark.parametrize("name", ["sign", "soft-bound"])
def test_a_step_that_comes_out_of_turn_shows_what_its_text_tells(name):
    async def scenario(learner, _, visitor):
        for at in (1, 0):
            learner.press("show_step", step=at)
            # A knob that the learner has turned is turned back.
            visitor.controls.rule.eta = 0.9
            learner.press("commit", choice=0)
            await learner.ran()
            learner.stands_after(at + 1)

    teach(scenario, name)


def test_whoever_commits_sees_the_run_and_then_the_reason():
    async def scenario(learner, panel, visitor):
        step = panel.open_lesson.steps[0]
        learner.press("commit", choice=1)
        assert panel.chosen[0] == 1
        await learner.runs()
        assert not panel.told_why[0]
        learner.press("commit", choice=0)
        assert panel.chosen[0] == 1
        await learner.ran()
        assert visitor.session.steps_taken == step.run.steps
        assert panel.told_why[0] == step.explanation_html

    teach(scenario, "sign")


def test_the_reason_need_not_be_waited_for():
    async def scenario(learner, panel, visitor):
        learner.press("why")
        assert not panel.told_why[0]
        learner.press("commit", choice=0)
        await learner.runs()
        learner.press("why")
        assert panel.told_why[0]
        assert visitor.session.playing

    teach(scenario, "sign")


def test_a_run_that_makes_way_for_the_next_leaves_its_reason():
    async def scenario(learner, panel, _):
        learner.press("commit", choice=0)
        learner.press("show_step", step=1)
        learner.press("commit", choice=0)
        assert panel.told_why[0]
        await learner.ran()
        assert panel.told_why[1]
        learner.stands_after(2)

    teach(scenario, "sign")


def test_a_step_that_fails_is_told_and_logged(monkeypatch, caplog):
    async def scenario(learner, panel, visitor):
        async def fail(*_, **__):
            raise ZeroDivisionError("nobody catches this")

        monkeypatch.setattr(panel, "_obey", fail)
        learner.press("commit", choice=0)
        await visitor.until(lambda: visitor.complaints)
        assert "failed" in visitor.complaints[0]
        assert "nobody catches this" in caplog.text

    teach(scenario, "sign")


def test_reset_to_lesson_stands_where_the_step_was_put():
    async def scenario(learner, panel, visitor):
        for at in (0, 1):
            await learner.take(at)
        visitor.controls.rule.eta = 0.001
        learner.press("restore")
        assert panel.chosen[:2] == [0, -1]
        assert panel.told_why[1] == ""
        await learner.ran()
        learner.stands_after(1)
        assert visitor.controls.setup() == wanted_setup(panel.open_lesson, 1)

    teach(scenario, "soft-bound")


def test_a_pause_ends_what_is_set_up_and_an_end_of_the_session_all_of_it():
    async def scenario(learner, panel, visitor):
        learner.press("show_step", step=2)
        learner.press("commit", choice=0)
        await learner.runs()
        visitor.session.playing = False
        await learner.ran()
        assert not visitor.session.playing
        learner.press("restore")
        await learner.runs()
        panel.stop()
        visitor.session.stop()
        await visitor.quiet(0.1)
        assert panel._task is None

    teach(scenario, "soft-bound")


def test_what_a_page_may_send_does_no_harm():
    async def scenario(_, panel, __):
        panel.received({"kind": "commit", "choice": 0})
        assert panel.chosen == []
        panel.open("sign")
        for message in (
            {"kind": "commit", "choice": 99},
            {"kind": "commit", "choice": -1},
            {"kind": "commit", "choice": "0"},
            {"kind": "show_step", "step": 99},
            {"kind": "show_step", "step": -1},
            {"kind": "show_step", "step": True},
            {"kind": "dance"},
            {"kind": "commit"},
            {"kind": "why", "more": 0},
            {},
            [9, None, None],
            {"kind": "why"},
        ):
            panel.received(message)
        assert set(panel.chosen) == {-1}
        assert panel.at == 0
        assert not any(panel.told_why)

    teach(scenario)


def test_the_next_lesson_and_the_last():
    async def scenario(learner, panel, _):
        panel.open(NAMES[0])
        learner.press("next")
        assert panel.open_lesson.name == NAMES[1]
        panel.open(NAMES[-1])
        learner.press("next")
        assert panel.open_lesson.name == NAMES[-1]
        learner.press("close")
        assert panel.open_lesson is None
        assert panel.lesson == ""
        assert learner.opened[-1] is None

    teach(scenario)


def test_the_list_names_each_lesson_and_takes_no_other():
    chosen = []
    sheet = LessonList(LESSONS, chosen.append)
    assert [entry["name"] for entry in json.loads(sheet.lessons)] == NAMES
    for message in ({"name": NAMES[2]}, {"name": "nobody"}, {}, {"name": 3}):
        sheet.received({"kind": "choose", **message})
    assert chosen == [NAMES[2]]
