"""One visitor: their controls, their synapse, and the loop that turns one into pictures."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import param

from app.controls import Controls
from app.stream import Pace, forgive_closed_tabs
from hebb_core.engine import Engine, Frame, Network, Settings
from hebb_core.reduction import Window, reduce_matrix, reduced_d_weights

__all__ = ["Picture", "Session", "Status"]

_LOG = logging.getLogger(__name__)

# Shared by all visitors of the process: as many threads as would otherwise fight for the cores.
_POOL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hebb")

_STATUS_EVERY = 0.25  # s


@dataclass(frozen=True)
class Picture:
    """What a frame shows: host arrays, already reduced to the window.

    Attributes:
        window: the part of the matrices that is shown.
        shape: ``(n, m)`` of the whole matrix.
        weights: W, ``(rows, cols)``.
        d_weights: dW, ``(rows, cols)``.
        pre: ``(B, n)``.
        post: ``(B, m)``.
        step: steps since the start of the run.
        record: per-step scalars since the last picture, see ``Frame.record``.
        w_bound: the bound in force; 0 for none.
        fresh: whether this is the first picture of a new run.
    """

    window: Window
    shape: tuple[int, int]
    weights: np.ndarray
    d_weights: np.ndarray
    pre: np.ndarray
    post: np.ndarray
    step: int
    record: np.ndarray
    w_bound: float
    fresh: bool


@dataclass(frozen=True)
class Status:
    """Numbers over the plots: step count, steps per second, frames per second."""

    step: int
    steps_per_second: float
    frames_per_second: float


@dataclass(frozen=True)
class _Job:
    """One piece of work for a thread: everything it needs, read on the event loop."""

    network: Network | None
    batch_size: int
    optim_type: str
    settings: Settings
    steps: int
    redraw: bool
    w_bound: float


class Session(param.Parameterized):
    """A visitor's run.

    The loop sleeps until there is work (a step to take, a changed control, a moved view) and room
    (see :class:`app.stream.Pace`); it computes in a thread and hands the picture to ``show``.

    Args:
        controls: the visitor's controls.
        pace: tells when a frame may go out.
        window: ``window(shape) -> Window``: what part of a matrix of that shape is on show.
        show: takes a :class:`Picture` and draws it.
        report: takes a :class:`Status`, a few times a second.
        complain: takes a sentence for the visitor.
    """

    playing = param.Boolean(True, doc="Whether the run goes on by itself.")

    def __init__(
        self,
        controls: Controls,
        pace: Pace,
        *,
        window: Callable[[tuple[int, int]], Window],
        show: Callable[[Picture], None],
        report: Callable[[Status], None],
        complain: Callable[[str], None],
    ) -> None:
        super().__init__()
        self.controls = controls
        self.pace = pace
        self._window = window
        self._show = show
        self._report = report
        self._complain = complain
        self._engine: Engine | None = None
        self._frame: Frame | None = None
        self._task: asyncio.Task[None] | None = None

        self._restart = True  # a new run is asked for
        self._stale = True  # a control changed since the last picture
        self._moved = False  # the view changed since the last picture
        self._steps_asked = 0
        self._fresh = True
        self._step = 0
        self._marked = (time.perf_counter(), 0)  # when and at which step rates were last told
        controls.watch(self._changed)
        self.param.watch(self._played, "playing")

    # --- what the visitor asks for ------------------------------------------------------------

    def _changed(self, names: set[str]) -> None:
        self._stale = True
        if Controls.restarts(names):
            self._restart = True
        self.pace.wake.set()

    def _played(self, event: param.parameterized.Event) -> None:
        if not event.new:
            self._report(Status(self._step, 0.0, 0.0))
        self.pace.wake.set()

    def step(self) -> None:
        """Pause, and take a single step."""
        self.playing = False
        self._steps_asked += 1
        self.pace.wake.set()

    def reset(self) -> None:
        """Start again from the same initial weights."""
        self._restart = True
        self.pace.wake.set()

    def new_seed(self) -> None:
        """Start again from other initial weights, connections and patterns."""
        self.controls.network.seed = int(np.random.default_rng().integers(0, 10_000))

    def look(self) -> None:
        """Redraw, since the visitor zoomed, panned or resized."""
        self._moved = True
        self.pace.wake.set()

    # --- the loop ---------------------------------------------------------------------------------

    def start(self) -> None:
        """Start the loop, on the running event loop; does nothing if it runs already.

        Without an event loop there is no visitor either (``--warm`` renders such a page once), and
        nothing to start.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            return
        if self._task is None:
            forgive_closed_tabs(loop)
            self._task = loop.create_task(self._loop())

    def stop(self) -> None:
        """End the loop and let go of the synapse."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self._engine = self._frame = None

    async def _loop(self) -> None:
        try:
            while True:
                while not (self.pace.ready and self._work_waits()):
                    self.pace.wake.clear()
                    await self.pace.wake.wait()
                await self._turn()
        except asyncio.CancelledError:
            raise
        except Exception:
            _LOG.exception("the loop of a session ended")
            self._complain("Something went wrong on the server. Reload the page to start again.")
            raise

    def _work_waits(self) -> bool:
        return self.playing or self._restart or self._stale or self._moved or self._steps_asked > 0

    async def _turn(self) -> None:
        """Do one piece of work and show it; trouble pauses the run and is told in plain words."""
        try:
            job = self._next_job()
            loop = asyncio.get_running_loop()
            frame, picture = await loop.run_in_executor(_POOL, self._compute, job)
        except Exception as error:
            _LOG.exception("a step of a session failed")
            self._pause()
            self._restart = self._stale = self._moved = False
            told = str(error) if isinstance(error, (ValueError, TypeError)) else "out of memory?"
            self._complain(
                f"That could not be computed ({told}). Change a control, or press Reset."
            )
            return
        if not frame.finite and job.steps:
            self._broke(frame, job)
            return
        self._frame = frame
        self._show(picture)
        self._count(frame.step)

    def _pause(self) -> None:
        self.playing = False
        self._steps_asked = 0

    def _next_job(self) -> _Job:
        """Read what is asked for, and mark it as taken."""
        controls = self.controls
        network = controls.build() if self._restart or self._engine is None else None
        steps = 0
        if network is not None:
            # A new run shows its initial weights first.
            self._fresh = True
        elif self._steps_asked > 0:
            steps = 1
            self._steps_asked -= 1
        elif self.playing:
            steps = int(controls.transport.steps_per_frame)
        redraw = not (steps or network or self._stale) and self._frame is not None
        self._restart = self._stale = self._moved = False
        return _Job(
            network=network,
            batch_size=int(controls.network.batch_size),
            optim_type=controls.optimiser.optim_type,
            settings=controls.settings(),
            steps=steps,
            redraw=redraw,
            w_bound=float(controls.bound.w_bound),
        )

    def _compute(self, job: _Job) -> tuple[Frame, Picture]:
        """Run in a thread: take the steps, and bring what is shown to the host."""
        frame = self._frame if job.redraw else None
        if frame is None:
            frame = self._advance(job)
        shape = frame.shape
        window = self._window(shape)
        picture = Picture(
            window=window,
            shape=shape,
            weights=np.array(reduce_matrix(frame.weights, window)),
            # A clip can keep W finite where dW is not.
            d_weights=np.nan_to_num(
                reduced_d_weights(frame.hyper, frame.before, frame.pre, frame.post, window)
            ),
            pre=frame.pre,
            post=frame.post,
            step=frame.step,
            record=frame.record,
            w_bound=job.w_bound,
            fresh=self._fresh,
        )
        self._fresh = False
        return frame, picture

    def _advance(self, job: _Job) -> Frame:
        """Build, or take steps, or (for none) replay the last input under the new settings."""
        engine = self._engine
        if engine is None:
            engine = self._engine = Engine(
                job.network, batch_size=job.batch_size, optim_type=job.optim_type
            )
        elif job.network is not None:
            engine.reset(job.network)
        engine.set_batch_size(job.batch_size)
        engine.set_optimiser(job.optim_type)
        return engine.run(job.settings, job.steps) if job.steps else engine.preview(job.settings)

    def _broke(self, frame: Frame, job: _Job) -> None:
        """Weights stopped being finite: the run stands at its last good frame; say why."""
        self._pause()
        hyper = job.settings.hyper
        knobs = [f"η (now {float(hyper.eta):g})"]
        if hyper.w_bound == 0:
            knobs.append("or set a bound (w_bound is 0, so nothing holds weights back)")
        if hyper.sign_value > 0 and (hyper.prior_l1 or hyper.prior_l2):
            knobs.append("or the prior, which grows weights under sign +1")
        self._complain(
            f"Weights stopped being finite at step {frame.step + len(frame.record)}. "
            f"The last finite frame is kept. Turn down {', '.join(knobs)}, then press Play or Reset."
        )

    def _count(self, step: int) -> None:
        """Tell step count and rates: a few times a second while playing, each time otherwise."""
        now = time.perf_counter()
        then, before = self._marked
        self._step = step
        if not self.playing:
            self._marked = (now, step)
            self._report(Status(step, 0.0, 0.0))
        elif now - then >= _STATUS_EVERY:
            self._marked = (now, step)
            rate = max(step - before, 0) / (now - then)
            self._report(Status(step, rate, self.pace.rate()))
