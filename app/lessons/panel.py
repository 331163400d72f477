"""The open lesson in the side bar: predict, commit, see the run, read why."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import param

from app.component import Component
from app.lessons.lesson import Lesson, RunOrder
from app.session import Session

__all__ = ["LessonList", "LessonPanel"]

_HERE = Path(__file__).parent
# As text: a component's own files are served, those beside it are not.
_SHEET = (_HERE.parent / "dialogs" / "sheet.css").read_text(encoding="utf-8")


class LessonPanel(Component):
    """Shows a lesson, and does what its steps ask for.

    Args:
        lessons: all lessons.
        session: the visitor's run.
        opened: told the lesson that is now open, or None.
    """

    lesson = param.String(doc="The open lesson as JSON; empty for none.")
    at = param.Integer(default=0, doc="Number of the step on show.")
    chosen = param.List(default=[], doc="For each step the choice committed to; −1 for none yet.")
    told_why = param.List(default=[], doc="For each step its explanation, once it may be read.")
    told = param.List(default=[], doc="A running number, what the learner did, and a number.")

    _esm = _HERE / "lesson.js"
    _stylesheets: ClassVar[list[Any]] = [_SHEET, _HERE / "lesson.css"]

    def __init__(
        self,
        lessons: Sequence[Lesson],
        session: Session,
        opened: Callable[[Lesson | None], None],
        **params: Any,
    ) -> None:
        super().__init__(**params)
        self._lessons = {lesson.name: lesson for lesson in lessons}
        self._session = session
        self._opened = opened
        self._open: Lesson | None = None
        self._waits: int | None = None  # the step whose run is under way
        self._replay: asyncio.Task[None] | None = None
        self.param.watch(self._heard, "told")
        session.param.watch(self._played, "playing")

    @property
    def open_lesson(self) -> Lesson | None:
        """The lesson that is open."""
        return self._open

    def open(self, name: str, more: Mapping[str, str] | None = None) -> None:
        """Open the lesson called ``name`` at its beginning; KeyError if there is none.

        Args:
            name: the lesson.
            more: controls to be set otherwise than the lesson does.
        """
        lesson = self._lessons[name]
        self._open, self._waits = lesson, None
        steps = len(lesson.steps)
        self.param.update(
            lesson=_shown(lesson, self._after(lesson)), at=0, chosen=[-1] * steps,
            told_why=[""] * steps,
        )  # fmt: skip
        self._begin({**lesson.settings, **(more or {})})
        self._opened(lesson)

    def close(self) -> None:
        """Close the lesson; the run stays as it is."""
        self._open, self._waits = None, None
        self.lesson = ""
        self._opened(None)

    def _after(self, lesson: Lesson) -> Lesson | None:
        names = list(self._lessons)
        place = names.index(lesson.name) + 1
        return self._lessons[names[place]] if place < len(names) else None

    def _begin(self, values: Mapping[str, str]) -> None:
        """Set the controls, and stand at the initial weights."""
        if self._replay is not None:
            self._replay.cancel()
            self._replay = None
        self._session.playing = False
        self._session.controls.load(values)
        self._session.reset()

    def _heard(self, event: Any) -> None:
        lesson = self._open
        if lesson is None:
            return
        match event.new:
            case [_, "commit", int(choice)]:
                self._commit(lesson, choice)
            case [_, "go", int(step)] if 0 <= step < len(lesson.steps):
                self.at = step
            case [_, "why", _]:
                self._explain(self._waits)
            case [_, "again", _]:
                self._restore(lesson)
            case [_, "next", _] if (after := self._after(lesson)) is not None:
                self.open(after.name)
            case [_, "close", _]:
                self.close()

    def _commit(self, lesson: Lesson, choice: int) -> None:
        at = self.at
        step = lesson.steps[at]
        if self.chosen[at] >= 0 or not 0 <= choice < len(step.choices):
            return
        self.chosen = [*self.chosen[:at], choice, *self.chosen[at + 1 :]]
        self._waits = at
        order, controls = step.run, self._session.controls
        if order is None:
            self._explain(at)
            return
        controls.apply(order.set)
        if order.steps is not None:
            self._session.go_on(order.steps, afresh=order.reset)
            return
        if order.reset:
            self._session.reset()
        self._session.playing = True
        self._explain(at)

    def _played(self, event: Any) -> None:
        # The run that was asked for has come to its end, or the learner has seen enough.
        if not event.new:
            self._explain(self._waits)

    def _explain(self, at: int | None) -> None:
        if at is None or self._open is None:
            return
        self._waits = None
        why = self._open.steps[at].explanation_html
        self.told_why = [*self.told_why[:at], why, *self.told_why[at + 1 :]]

    def _restore(self, lesson: Lesson) -> None:
        """Have everything as it was when the step on show was put to the learner."""
        at = self.at
        self._waits = None
        self.param.update(
            chosen=[c if i < at else -1 for i, c in enumerate(self.chosen)],
            told_why=[w if i < at else "" for i, w in enumerate(self.told_why)],
        )
        self._begin(lesson.settings)
        orders = [step.run for step in lesson.steps[:at] if step.run is not None]
        if orders:
            # What a step asks for goes on from what the steps before it did.
            self._replay = asyncio.get_running_loop().create_task(self._repeat(lesson, orders))

    async def _repeat(self, lesson: Lesson, orders: Sequence[RunOrder]) -> None:
        session = self._session
        for order in orders:
            session.controls.apply(order.set)
            if order.steps is None:
                continue
            session.go_on(order.steps, afresh=order.reset, hurry=True)
            while session.playing:
                await asyncio.sleep(0.02)
                if self._open is not lesson:
                    return


def _shown(lesson: Lesson, after: Lesson | None) -> str:
    return json.dumps(
        {
            "title": lesson.title,
            "minutes": lesson.minutes,
            "intro": lesson.intro_html,
            "watch": lesson.watch_html,
            "claim": lesson.claim_html,
            "after": after.title if after is not None else "",
            "steps": [
                {
                    "heading": step.heading,
                    "question": step.question_html,
                    "choices": [{"html": c.html, "right": c.right} for c in step.choices],
                }
                for step in lesson.steps
            ],
        }
    )


class LessonList(Component):
    """The sheet of lessons.

    Args:
        lessons: what there is to choose from.
        choose: takes the name of the one that was chosen.
    """

    lessons = param.String(doc="The lessons as JSON.")
    told = param.List(default=[], doc="A running number, and the lesson chosen.")

    _esm = _HERE / "list.js"
    _stylesheets: ClassVar[list[Any]] = [_SHEET, _HERE / "list.css"]

    def __init__(
        self, lessons: Sequence[Lesson], choose: Callable[[str], None], **params: Any
    ) -> None:
        told = [
            {"name": one.name, "title": one.title, "minutes": one.minutes, "claim": one.claim_html}
            for one in lessons
        ]
        super().__init__(lessons=json.dumps(told), **params)
        self._names = {lesson.name for lesson in lessons}
        self._choose = choose
        self.param.watch(self._heard, "told")

    def _heard(self, event: Any) -> None:
        match event.new:
            case [_, str(name)] if name in self._names:
                self._choose(name)
