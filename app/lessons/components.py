"""The panel of the open lesson in the side bar, and the sheet that lists all lessons."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, ClassVar

import param

from ..session.session import Session
from ..ui.component import Component, handles, script_of, text_of
from .lesson import Lesson, RunOrder

__all__ = ["LessonList", "LessonPanel"]

_LOG = logging.getLogger(__name__)


class LessonPanel(Component):
    """Shows a lesson, and executes the runs of its steps.

    Args:
        lessons: all lessons.
        session: the visitor's session.
        opened: called with the lesson that has been opened, or None when it is closed.
    """

    lesson = param.String(doc="The open lesson as JSON; empty if none is open.")
    at = param.Integer(default=0, doc="Index of the step shown, from 0.")
    chosen = param.List(
        default=[], doc="Index of the choice committed to in each step; −1 if none."
    )
    told_why = param.List(default=[], doc="Explanation of each step; empty until it is shown.")

    _esm = script_of("lessons/lesson.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "lessons/lesson.css")]

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
        self._base: dict[str, str] = {}  # controls set when the lesson opens
        # Number of steps completed, and what `_present` returned then; None if unknown.
        self._stands: tuple[int, Any] | None = None
        self._task: asyncio.Task[Any] | None = None

    @property
    def open_lesson(self) -> Lesson | None:
        """The lesson that is open."""
        return self._open

    def open(self, name: str, more: Mapping[str, str] | None = None) -> list[str]:
        """Open the lesson called ``name`` at its first step; KeyError if there is none.

        Args:
            name: name of the lesson.
            more: controls that override the lesson's settings, URL name -> text.

        Returns:
            One sentence for each control that was rejected.
        """
        lesson = self._lessons[name]
        self._let_go()
        self._open, self._base = lesson, {**lesson.settings, **(more or {})}
        steps = len(lesson.steps)
        self.param.update(
            lesson=_shown(lesson, self._after(lesson)),
            at=0,
            chosen=[-1] * steps,
            told_why=[""] * steps,
        )
        complaints = self._begin()
        self._stands = (0, self._present())
        self._opened(lesson)
        return complaints

    def close(self) -> None:
        """Close the lesson without changing the run."""
        self._let_go()
        self._open = None
        self.lesson = ""
        self._opened(None)

    def stop(self) -> None:
        """Cancel a run in progress; called when the visitor has left."""
        self._let_go()

    def _let_go(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def _after(self, lesson: Lesson) -> Lesson | None:
        names = list(self._lessons)
        place = names.index(lesson.name) + 1
        return self._lessons[names[place]] if place < len(names) else None

    @handles("commit", choice=int)
    def _committed(self, choice: int) -> None:
        if self._open is not None:
            self._commit(self._open, choice)

    @handles("show_step", step=int)
    def _show_step(self, step: int) -> None:
        if self._open is not None and 0 <= step < len(self._open.steps):
            self.at = step

    @handles("why")
    def _why(self) -> None:
        if self._open is not None and self.chosen[self.at] >= 0:
            self._explain(self.at)

    @handles("restore")
    def _restored(self) -> None:
        if self._open is not None:
            self._restore(self._open)

    @handles("next")
    def _next(self) -> None:
        if self._open is not None and (after := self._after(self._open)) is not None:
            self.open(after.name)

    @handles("close")
    def _closed(self) -> None:
        if self._open is not None:
            self.close()

    def _commit(self, lesson: Lesson, choice: int) -> None:
        at = self.at
        if self.chosen[at] >= 0 or not 0 <= choice < len(lesson.steps[at].choices):
            return
        # This run cancels one in progress, whose explanation is therefore shown now.
        for step, chosen in enumerate(self.chosen):
            if chosen >= 0 and not self.told_why[step]:
                self._explain(step)
        self.chosen = [*self.chosen[:at], choice, *self.chosen[at + 1 :]]
        self._do(self._show(lesson, at))

    def _restore(self, lesson: Lesson) -> None:
        """Withdraw the answers from step ``self.at`` on, and restore the state before that step."""
        at = self.at
        self.param.update(
            chosen=[c if i < at else -1 for i, c in enumerate(self.chosen)],
            told_why=[w if i < at else "" for i, w in enumerate(self.told_why)],
        )
        self._do(self._set_up(lesson, at))

    def _do(self, work: Coroutine[Any, Any, Any]) -> None:
        self._let_go()
        self._task = asyncio.get_running_loop().create_task(work)
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            _LOG.error("a step of a lesson failed", exc_info=error)
            self._session.notify("That step of the lesson failed. Press “reset to lesson”.")

    async def _show(self, lesson: Lesson, at: int) -> None:
        """Execute the actions of step ``at`` of the lesson, then show its explanation.

        The actions start from the state in which the previous steps of the lesson leave the run.
        """
        order = lesson.steps[at].run
        if order is not None:
            # After a skipped step or a moved control, the run would not match the text: set it up.
            if self._stands == (at, self._present()) or await self._set_up(lesson, at):
                reached = await self._obey(order)
                self._stands = (at + 1, self._present()) if reached else None
        elif self._stands == (at, self._present()):
            self._stands = (at + 1, self._present())
        self._explain(at)

    async def _set_up(self, lesson: Lesson, at: int) -> bool:
        """Replay the first ``at`` steps of ``lesson``; return False if the visitor interrupted."""
        self._stands = None
        self._begin()
        for step in lesson.steps[:at]:
            if step.run is not None and not await self._obey(step.run, again=True):
                return False
        self._stands = (at, self._present())
        return True

    def _begin(self) -> list[str]:
        """Pause, set the lesson's controls and reset the run; return the rejected controls."""
        self._session.playing = False
        complaints = self._session.controls.load(self._base)
        self._session.reset()
        return complaints

    async def _obey(self, order: RunOrder, *, again: bool = False) -> bool:
        """Execute ``order``, and return whether it was completed.

        Args:
            order: order to execute.
            again: whether to replay ``order``: at full speed, and without playing on at the end.
        """
        session = self._session
        session.controls.apply(order.set)
        if order.steps is not None:
            return await session.go_on(order.steps, afresh=order.reset, hurry=again)
        if order.reset:
            session.reset()
        if not again:
            session.playing = True
        return again

    def _present(self) -> Any:
        """Return step count and setups, to detect a change of the run or of a control that affects it."""
        controls = self._session.controls
        twin = controls.setup(controls.b) if controls.twin.twin else None
        return self._session.steps_taken, controls.setup(controls.a), twin

    def _explain(self, at: int) -> None:
        if self._open is not None:
            why = self._open.steps[at].explanation_html
            self.told_why = [*self.told_why[:at], why, *self.told_why[at + 1 :]]


def _shown(lesson: Lesson, after: Lesson | None) -> str:
    return json.dumps(
        {
            "title": lesson.title,
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
    """The sheet that lists the lessons.

    Args:
        lessons: the lessons to choose from.
        choose: called with the name of the chosen lesson.
    """

    lessons = param.String(doc="The lessons as JSON.")

    _esm = script_of("lessons/list.js")
    _stylesheets: ClassVar[list[str]] = [text_of("sheets/sheet.css", "lessons/list.css")]

    def __init__(
        self, lessons: Sequence[Lesson], choose: Callable[[str], Any], **params: Any
    ) -> None:
        told = [
            {"name": one.name, "title": one.title, "minutes": one.minutes, "watch": one.watch_html}
            for one in lessons
        ]
        super().__init__(lessons=json.dumps(told), **params)
        self._names = {lesson.name for lesson in lessons}
        self._choose = choose

    @handles("choose", name=str)
    def _chosen(self, name: str) -> None:
        if name in self._names:
            self._choose(name)
