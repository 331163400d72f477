"""A visitor's session: the loop that computes frames of the run and has them drawn."""

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
from .run.job import Edit, Job, JobResult, PendingWork, job_of, wanted_views
from .run.run import Run
from .run.run_queries import Questions
from .run.status import Rates, Status
from .run.step_target import StepTarget
from .stream import Pace
from .view import View

__all__ = ["Screen", "Session"]

_LOG = logging.getLogger(__name__)

_Told = TypeVar("_Told")

_PATIENCE = 0.5  # s that a job may take before the status shows that it is busy


class Screen(Protocol):
    """Shows what a session computes; called on the event loop."""

    def show(
        self, parts: tuple[tuple[View, Any], ...], shape: tuple[int, int], counts: bool
    ) -> None:
        """Draw views.

        Args:
            parts: pairs of a view and the data that it draws.
            shape: shape of the weight matrix.
            counts: whether this is a frame, which :class:`app.session.stream.Pace` must count.
        """

    def report(self, status: Status) -> None:
        """Show step count and rates; called a few times a second."""


class Session(param.Parameterized):
    """A visitor's run and the loop that advances it.

    The loop sleeps until there is work (a step to take, a changed control, a moved view) and a
    frame may be sent (see :class:`app.session.stream.Pace`). It computes in a thread and passes the
    result to the :class:`Screen`.

    Args:
        controls: the visitor's controls.
        pace: decides when a frame may be sent.
        notify: called with each message for the visitor.

    Attributes:
        run: the run; accessed by the loop's jobs and by :meth:`consult`.
    """

    playing = param.Boolean(True, doc="Whether steps are taken continuously.")
    at = param.Integer(
        None, allow_None=True, doc="Number of the past frame shown; None for the newest."
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
        """Steps since the start of the run, as last counted; 0 if a restart is pending."""
        return 0 if self._asked.restart else self._rates.step

    # --- requests ---------------------------------------------------------------------------------

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
            # Play returns from a past frame to the run.
            self.at = None
        else:
            self._give_up_goal()
            self._rates.rest()
        # Views that skip frames while the run plays have yet to draw the last one.
        self.look()

    def step(self) -> None:
        """Pause and take a single step."""
        self.playing = False
        self.take()

    def take(self) -> None:
        """Take a single step, whether paused or not."""
        self.at = None
        self._ask(steps=self._asked.steps + 1)

    def reset(self) -> None:
        """Restart the run from the same initial weights."""
        self._give_up_goal()
        self._ask(restart=True)

    def go_on(self, steps: int, *, afresh: bool = False, hurry: bool = False) -> StepTarget:
        """Play a number of steps, then pause.

        Args:
            steps: number of steps.
            afresh: whether to restart from the initial weights first.
            hurry: whether to take as many steps per frame as possible, instead of the number that
                the visitor has set.

        Returns:
            The target; awaiting it returns whether it was reached.
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
        """True if requested steps have not been taken yet."""
        return self._goal is not None or self._asked.steps > 0

    def new_seed(self) -> None:
        """Restart with a random seed: other initial weights, connections and patterns."""
        self.controls.network.seed = int(np.random.default_rng().integers(0, 10_000))

    async def consult(self, question: Callable[[Run], _Told]) -> _Told:
        """Call ``question`` with the run, in a thread between two jobs, and return its result.

        ``question`` must be quick, since frames wait for it. It must return all that the caller
        needs to know, since the run continues afterwards.

        Raises:
            asyncio.CancelledError: the loop is not running, or stops before the call.
        """
        if self._task is None:
            raise asyncio.CancelledError
        answer = self._questions.ask(question)
        self.pace.wake.set()
        return await answer

    def open(self, saved: SavedRun, values: Mapping[str, str]) -> None:
        """Resume a saved run, paused; ``values`` are its controls."""
        self.playing = False
        self.controls.load(values)
        self.at = None
        # Discards the restart that loading the controls has requested.
        self._asked = PendingWork(restart=False, stale=False, saved=saved)
        self.pace.wake.set()

    def notify(self, sentence: str) -> None:
        """Show a message to the visitor."""
        self._notify(sentence)

    def look(self) -> None:
        """Request a redraw, after the visitor zoomed, panned, resized or went back in time."""
        self._ask(redraw=True)

    def attach(self, screen: Screen) -> None:
        """Set the screen that draws the results."""
        self._screen = screen

    def _report(self, status: Status) -> None:
        if self._screen is not None:
            self._screen.report(status)

    def add_views(self, views: Sequence[View]) -> None:
        """Add views to draw."""
        self._views = (*self._views, *views)
        self.look()

    def refresh_theory(self) -> None:
        """Redraw only the views that show theory, without counting it as a frame."""
        self._ask(refresh_theory=True)

    def edit(self, edit: Edit) -> None:
        """Set a weight by hand and continue from it; notify the visitor if it cannot be set."""
        if self.at is not None:
            self._notify(
                "You are looking at the past, which cannot be changed. Press “branch from here” or "
                "“live” first, then set the weight."
            )
            return
        if self.controls.focus is self.controls.b:
            self._notify(
                "Only weights of synapse A can be set by hand. Choose A, then set the weight."
            )
            return
        self._ask(edits=(*self._asked.edits, edit))

    def branch(self) -> None:
        """Continue the run from the past frame shown, and drop all later frames."""
        if self.at is not None:
            self._ask(branch=self.at)

    # --- the loop ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the loop, unless it is already running.

        Raises:
            RuntimeError: no event loop runs in this thread.
        """
        loop = asyncio.get_running_loop()
        if self._task is None:
            self.pace.wake.bind()
            forgive_closed_tabs(loop)
            self._task = loop.create_task(self._loop())

    def stack(self) -> str:
        """Return a traceback of the point at which the loop waits."""
        if self._task is None:
            return "Its loop has not been started."
        out = io.StringIO()
        self._task.print_stack(file=out)
        return out.getvalue()

    def stop(self) -> None:
        """Stop the loop and release the run."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._give_up_goal()
        self._questions.drop()
        self.run.close()

    @property
    def _flows(self) -> bool:
        """True if steps are taken continuously.

        In slow motion, each step is requested separately, except while a target is pending.
        """
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
        """Compute the next job and show its result; on an error, pause and notify the visitor."""
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
            # The run is back at its last finite frame.
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
        # Steps of a job that began before the target was set do not count.
        if goal is not None and goal is self._goal and goal.took(job.steps):
            self._goal = None
            self.playing = False
        self._rates.count(done.frame.step, playing=self.playing)

    async def _done(self, job: Job) -> JobResult:
        """Compute ``job`` in a thread; report that the session is busy if the job takes long."""
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
        """Pause, and cancel the redraw that pausing requests, since it would fail again."""
        self._pause()
        self._asked = replace(self._asked, redraw=False)

    def _next_job(self) -> Job:
        """Return the next job, and clear the pending work that it covers."""
        controls, asked = self.controls, self._asked
        begins = asked.restart or (self.run.engine is None and asked.saved is None)
        network = controls.build() if begins else None
        steps, left = 0, 0
        if network is not None or asked.jumps or asked.edits:
            # A new run, an edit or a branch first shows the weights that it starts from.
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
