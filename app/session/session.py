"""One visitor: their controls, their synapse, and the loop that turns one into pictures."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, TypeVar

import numpy as np
import param

from hebb_core.run.steps import MAX_STEPS
from hebb_core.storage.run_file import SavedRun

from ..controls.controls import Controls
from ..host.loop import forgive_closed_tabs
from ..host.pools import FRAMES
from .advice import broken
from .job import Edit, Job, JobResult, PendingWork, job_of, wanted_views
from .questions import Questions
from .run import Run
from .status import Rates, Status
from .step_target import StepTarget
from .stream import Pace
from .view import View

__all__ = ["Screen", "Session"]

_LOG = logging.getLogger(__name__)

_Told = TypeVar("_Told")

_PATIENCE = 0.5  # s that work may take before the visitor is told


class Screen(Protocol):
    """Shows what a session computes; called on the event loop."""

    def show(
        self, parts: tuple[tuple[View, Any], ...], shape: tuple[int, int], counts: bool
    ) -> None:
        """Draw views.

        Args:
            parts: pairs of a view and what it is to draw.
            shape: shape of the weight matrix.
            counts: whether this is a frame, which :class:`app.session.stream.Pace` must count.
        """

    def report(self, status: Status) -> None:
        """Show step count and rates, a few times a second."""


class Session(param.Parameterized):
    """A visitor's run.

    The loop sleeps until there is work (a step to take, a changed control, a moved view) and room
    (see :class:`app.session.stream.Pace`); it computes in a thread and hands the result to the
    :class:`Screen`.

    Args:
        controls: the visitor's controls.
        pace: tells when a frame may go out.
        notify: takes a message for the visitor.
    """

    playing = param.Boolean(True, doc="Whether the run goes on by itself.")
    at = param.Integer(
        None, allow_None=True, doc="Number of the past frame on show; None: the newest one."
    )

    def __init__(
        self,
        controls: Controls,
        pace: Pace,
        notify: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.controls = controls
        self.pace = pace
        self.run = Run()
        self._views: tuple[View, ...] = ()
        self._screen: Screen | None = None
        self._notify = notify
        self._task: asyncio.Task[None] | None = None

        self._asked = PendingWork()
        self._questions = Questions()
        self._goal: StepTarget | None = None
        self._turns = 0
        self._rates = Rates(pace.rate, self._report)
        controls.watch(self._changed)
        self.param.watch(self._played, "playing")
        self.param.watch(lambda _: self.look(), "at")

    @property
    def steps_taken(self) -> int:
        """Steps since the start of the run, as last told; 0 for one that is about to start."""
        return 0 if self._asked.restart else self._rates.step

    # --- what the visitor asks for ------------------------------------------------------------

    def _ask(self, **what: Any) -> None:
        self._asked = replace(self._asked, **what)
        self.pace.wake.set()

    def _changed(self, names: set[str]) -> None:
        if self.controls.acts(names):
            if self.controls.restarts(names):
                self._give_up_goal()
            restart = self._asked.restart or self.controls.restarts(names)
            self._ask(stale=True, restart=restart, moved=self._asked.moved | names)
        else:
            self.look()

    def _played(self, event: param.parameterized.Event) -> None:
        if event.new:
            # Who presses Play wants to see the run, not a frame of the past.
            self.at = None
        else:
            self._give_up_goal()
            self._rates.rest()
        # Views that are drawn with every fifth frame only have the last one to catch up with.
        self.look()

    def step(self) -> None:
        """Pause, and take a single step."""
        self.playing = False
        self.take()

    def take(self) -> None:
        """Take a single step, whether paused or not."""
        self.at = None
        self._ask(steps=self._asked.steps + 1)

    def reset(self) -> None:
        """Start again from the same initial weights."""
        self._give_up_goal()
        self._ask(restart=True)

    def go_on(self, steps: int, *, afresh: bool = False, hurry: bool = False) -> StepTarget:
        """Play so many steps, then pause.

        Args:
            steps: how many.
            afresh: whether to start from the initial weights first.
            hurry: whether to run as fast as it goes, not at the pace of the visitor's choice.

        Returns:
            The goal, to be awaited by whoever wants to know whether it was reached.
        """
        self._give_up_goal()
        if afresh:
            self.reset()
        self.playing = True
        self._goal = StepTarget(steps, hurry=hurry)
        self.pace.wake.set()
        return self._goal

    def _give_up_goal(self) -> None:
        if self._goal is not None:
            self._goal.give_up()
            self._goal = None

    @property
    def busy(self) -> bool:
        """Whether there are steps still to be taken that somebody asked for."""
        return self._goal is not None or self._asked.steps > 0

    def new_seed(self) -> None:
        """Start again from other initial weights, connections and patterns."""
        self.controls.network.seed = int(np.random.default_rng().integers(0, 10_000))

    async def consult(self, question: Callable[[Run], _Told]) -> _Told:
        """Return what ``question`` makes of the run, asked in a thread between two jobs.

        It must be quick, and take with it what it needs: frames wait for it.
        """
        if self._task is None:
            raise asyncio.CancelledError
        answer = self._questions.ask(question)
        self.pace.wake.set()
        return await answer

    def open(self, saved: SavedRun, values: Mapping[str, str]) -> None:
        """Go on from a saved run, paused; ``values`` are its controls."""
        self.playing = False
        self.controls.load(values)
        self.at = None
        # Controls that were set on the way must not start another run.
        self._asked = PendingWork(restart=False, stale=False, saved=saved)
        self.pace.wake.set()

    def notify(self, sentence: str) -> None:
        """Tell the visitor a sentence."""
        self._notify(sentence)

    def look(self) -> None:
        """Redraw, since the visitor zoomed, panned, resized or went back in time."""
        self._ask(redraw=True)

    def attach(self, screen: Screen) -> None:
        """Send everything that is to be shown to ``screen`` from now on."""
        self._screen = screen

    def _report(self, status: Status) -> None:
        if self._screen is not None:
            self._screen.report(status)

    def add_views(self, views: Sequence[View]) -> None:
        """Draw these views too from now on."""
        self._views = (*self._views, *views)
        self.look()

    def refresh_theory(self) -> None:
        """Redraw what theory has a say in; the maps stay as they are, and no frame is counted."""
        self._ask(refresh_theory=True)

    def edit(self, edit: Edit) -> None:
        """Set a weight; the run goes on from it. A refusal is told to the visitor."""
        if self.at is not None:
            self._notify(
                "You are looking at the past, which cannot be changed. Press “branch from here” or "
                "“live” first, then set the weight."
            )
            return
        if self.controls.focus is self.controls.b:
            self._notify("Only weights of A are set by hand. Choose A first, then set the weight.")
            return
        self._ask(edits=(*self._asked.edits, edit))

    def branch(self) -> None:
        """Have the run go on from the past frame on show; what came after it is forgotten."""
        if self.at is not None:
            self._ask(branch=self.at)

    # --- the loop ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the loop; does nothing if it runs already.

        Raises:
            RuntimeError: this thread runs no event loop.
        """
        loop = asyncio.get_running_loop()
        if self._task is None:
            self.pace.wake.bind()
            forgive_closed_tabs(loop)
            self._task = loop.create_task(self._loop())

    def stack(self) -> str:
        """Return where the loop stands, as a traceback."""
        if self._task is None:
            return "Its loop has not been started."
        out = io.StringIO()
        self._task.print_stack(file=out)
        return out.getvalue()

    def stop(self) -> None:
        """End the loop and let go of the synapse."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._give_up_goal()
        self._questions.drop()
        self.run.close()

    @property
    def _flows(self) -> bool:
        """Whether steps follow each other of themselves; in slow motion each is asked for."""
        return self.playing and (not self.controls.transport.slow or self._goal is not None)

    async def _loop(self) -> None:
        try:
            while True:
                while not (
                    self._questions or (self.pace.ready and (self._flows or self._asked.waits))
                ):
                    self.pace.wake.clear()
                    await self.pace.wake.wait()
                if self._questions:
                    await self._questions.answer(self.run, FRAMES)
                else:
                    await self._turn()
        except asyncio.CancelledError:
            raise
        except Exception:
            _LOG.exception("the loop of a session ended")
            self._notify("Something went wrong on the server. Reload the page to start again.")
            raise

    async def _turn(self) -> None:
        """Do one piece of work and show it; trouble pauses the run and is told in plain words."""
        try:
            job, goal = self._next_job(), self._goal
            done = await self._done(job)
        except Exception as error:
            _LOG.exception("a step of a session failed")
            self._give_up()
            self.run.fail()
            told = str(error) if isinstance(error, (ValueError, TypeError)) else "out of memory?"
            self._notify(
                f"That could not be computed ({told}). Change a control, or press Reset: a new run "
                "starts."
            )
            return
        if done.refused:
            self._notify(done.refused)
        if done.broke is not None:
            # The run stands at its last good frame.
            self._pause()
            self._notify(broken(done.broke, job.settings))
            if not done.frame.finite:
                return
        if job.asked.jumps or job.network is not None:
            self.at = None
        elif done.at != job.at == self.at:
            self.at = done.at
        try:
            if self._screen is not None:
                self._screen.show(done.parts, done.frame.shape, job.counts)
        except Exception:
            _LOG.exception("a picture could not be drawn")
            self._give_up()
            self._notify("That could not be drawn. Change a control, or press Play or Reset.")
            return
        # What was under way when a goal was set is not on the way to it.
        if goal is not None and goal is self._goal and goal.took(job.steps):
            self._goal = None
            self.playing = False
        self._rates.count(done.frame.step, playing=self.playing)

    async def _done(self, job: Job) -> JobResult:
        """Have the job done in a thread; the visitor is told if it takes long."""
        loop = asyncio.get_running_loop()
        waiting = loop.call_later(_PATIENCE, lambda: self._rates.rest(busy=True))
        try:
            return await loop.run_in_executor(FRAMES, self.run.compute, job)
        finally:
            waiting.cancel()

    def _pause(self) -> None:
        self._give_up_goal()
        self.playing = False
        self._asked = replace(self._asked, steps=0)

    def _give_up(self) -> None:
        """Pause, and leave alone what has just failed until the visitor asks for something."""
        self._pause()
        self._asked = replace(self._asked, redraw=False)

    def _next_job(self) -> Job:
        """Read what is asked for, and mark it as taken."""
        controls, asked = self.controls, self._asked
        begins = asked.restart or (self.run.engine is None and asked.saved is None)
        network = controls.build() if begins else None
        steps, left = 0, 0
        if network is not None or asked.jumps or asked.edits:
            # A new run shows its initial weights first, an edit or a branch where it starts from.
            left = asked.steps
        elif asked.steps > 0:
            steps, left = 1, asked.steps - 1
        elif self._flows:
            steps = int(controls.transport.steps_per_frame)
            if self._goal is not None:
                steps = min(MAX_STEPS if self._goal.hurries else steps, max(self._goal.left, 0))
        self._asked = PendingWork(restart=False, stale=False, steps=left)
        self._turns += 1
        views = wanted_views(
            self._views,
            asked,
            steps=steps,
            turn=self._turns,
            playing=self.playing,
            past=self.at is not None,
        )
        return job_of(controls, asked, network, steps, self.at, views)
