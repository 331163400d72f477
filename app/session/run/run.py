"""A visitor's run: the engine with its history and traces, advanced by jobs in threads."""

from __future__ import annotations

from dataclasses import replace

from hebb_core.run.engine import Engine
from hebb_core.run.history import History, HistoryEntry
from hebb_core.storage.run_file import SavedRun

from ..traces import Traces
from ..view import View, ViewContext
from .job import Job, JobResult
from .provenance import Provenance

__all__ = ["Run"]


class Run:
    """An engine and the records of its run.

    Attributes:
        engine: the engine; None before the first job and after a failure.
        history: the most recent frames.
        traces: per-step scalars since the start of the run.
        twin_traces: the same scalars of the twin; empty if there is no twin.
        departures: changes during the run that its settings do not record.
    """

    def __init__(self) -> None:
        self.engine: Engine | None = None
        self.history = History()
        self.traces = Traces()
        self.twin_traces = Traces()
        self.departures = Provenance()
        self._live: ViewContext | None = None
        self._past: HistoryEntry | None = None
        self._closed = False

    def compute(self, job: Job) -> JobResult:
        """Take the steps of ``job`` and compute its views, in a thread; one call at a time."""
        try:
            return self._work(job)
        finally:
            if self._closed:
                # The tab was closed during the call: release what was made since.
                self._let_go()

    def fail(self) -> None:
        """Drop the engine, which may be in mid-step after an error; the next job builds another."""
        self.engine = self._live = None

    def close(self) -> None:
        """Release everything; if :meth:`compute` is running, release its results when it ends."""
        self._closed = True
        self._let_go()

    def _let_go(self) -> None:
        self.engine = self._live = self._past = None
        self.history, self.traces, self.twin_traces = History(), Traces(), Traces()

    def _work(self, job: Job) -> JobResult:
        asked, refused, fresh, broke = job.asked, "", False, None
        acts = job.network is not None or asked.jumps or asked.edits
        live = self._live
        if live is None or acts or job.steps or asked.stale:
            live, refused, fresh, broke = self._advance(job)
            if not live.frame.finite and job.steps:
                # The engine has restored its state, but maybe not the buffers of the last context.
                self._live = None
                return JobResult(live.frame, broke=broke)
            self._live = live
        live = replace(live, w_bound=job.w_bounds[0], fresh=fresh)
        shown = live
        past = self._find(job.at) if job.at is not None and not acts else None
        if job.at is None:
            self._past = None
        if past is not None:
            shown = replace(
                live,
                frame=past.frame,
                serial=past.serial,
                w_bound=float(past.frame.hyper.w_bound),
            )
        parts = []
        for view, wanted in job.views:
            shot = self._shot_for(view, live if view.live else shown, past is not None, job)
            if shot is not None:
                parts.append((view, view.compute(shot, wanted)))
        return JobResult(live.frame, tuple(parts), refused, past.serial if past else None, broke)

    def _shot_for(self, view: View, shot: ViewContext, past: bool, job: Job) -> ViewContext | None:
        """Return the context for ``view``; None if the view needs a twin and there is none.

        ``shot`` is the context of synapse A.
        """
        frame = shot.frame.twin
        if frame is None:
            return None if view.whose in ("b", "pair") else shot
        if view.whose == "a":
            return shot
        w_bound = float(frame.hyper.w_bound) if past else job.w_bounds[1]
        twin = replace(
            shot, frame=frame, w_bound=w_bound, traces=self.twin_traces, twin=None, of_twin=True
        )
        if view.whose in ("both", "pair"):
            return replace(shot, twin=twin, focus_on_twin=job.focus_on_twin)
        return twin if view.whose == "b" or job.focus_on_twin else shot

    def _forget(self) -> None:
        self._past = None
        self.history.clear()
        self.traces.clear()
        self.twin_traces.clear()
        self.departures = Provenance()

    def _open(self, saved: SavedRun) -> Engine:
        """Resume ``saved`` with its history and traces, and return the engine."""
        self._forget()
        setup, twin = saved.setup, saved.twin.optim_type if saved.twin is not None else None
        engine = self.engine or Engine(setup.network)
        engine.resume(saved.state, setup.network, setup.optim_type, twin)
        self.engine = engine
        for kept in saved.frames:
            self.history.put(kept)
            # A preview took no step.
            if kept.frame.moved:
                self.traces.add(kept.frame)
                if kept.frame.twin is not None:
                    self.twin_traces.add(kept.frame.twin)
        step = int(saved.state.step)
        self.traces.restore(saved.arrays, "a", step)
        self.twin_traces.restore(saved.arrays, "b", step)
        self.departures = Provenance.read(saved.notes.get("departures"))
        return engine

    def _find(self, serial: int) -> HistoryEntry | None:
        """Return the entry of a past frame; if the frame was dropped, the oldest one kept.

        None if the history is empty or has no frame with that number. ``_past`` holds the entry
        shown, so that it remains available after the history drops it.
        """
        if self._past is None or self._past.serial != serial:
            self._past = self.history.find(max(serial, self.history.first))
        return self._past

    def _advance(self, job: Job) -> tuple[ViewContext, str, bool, int | None]:
        """Build, resume, branch, edit or take steps; without steps, preview the last input.

        Returns:
            The context of the frame, why something was refused (or an empty string), whether the
            run is new, and the step at which weights became non-finite (or None).
        """
        asked, refused, fresh, broke = job.asked, "", False, None
        engine = self.engine
        if asked.saved is not None:
            fresh = True
            engine = self._open(asked.saved)
        elif engine is None or job.network is not None:
            fresh = True
            self._forget()
            if engine is None:
                engine = self.engine = Engine(
                    job.network,
                    batch_size=job.batch_size,
                    optim_type=job.optim_type,
                    twin=job.twin,
                )
            else:
                engine.reset(job.network, twin=job.twin)
        elif asked.branch is not None:
            kept = self._find(asked.branch)
            if kept is None:
                refused = "That frame is no longer kept. The run stays where it is."
            else:
                kept.branch(engine)
                self.history.forget_after(kept.serial)
                self.traces.forget_after(kept.frame.step)
                self.twin_traces.forget_after(kept.frame.step)
                self.departures = self.departures.back_to(kept.frame.step)
        engine.set_batch_size(job.batch_size)
        engine.set_optimiser(job.optim_type, job.twin)
        edited = False
        for edit in asked.edits:
            try:
                engine.set_weight(edit.row, edit.col, edit.value, job.settings.hyper)
                edited = True
                self.departures = self.departures.set_by_hand(int(engine.state.step))
            except (ValueError, TypeError) as error:
                refused = f"That weight was not set: {error}."
        if asked.moved and not fresh:
            self.departures = self.departures.move(asked.moved, int(engine.state.step))
            for traces in (self.traces, self.twin_traces):
                traces.mark(int(engine.state.step), asked.moved)
        if job.steps:
            frame = engine.run(job.settings, job.steps)
            if not frame.finite:
                broke = frame.step + len(frame.record)
                if len(frame.record) > 1:
                    # Repeat the steps up to the last finite one.
                    frame = engine.run(job.settings, len(frame.record) - 1)
            if frame.finite:
                self.traces.add(frame)
                if frame.twin is not None:
                    self.twin_traces.add(frame.twin)
        else:
            frame = engine.preview(job.settings)
        serial = None
        kept = self.history.find(self.history.last) if asked.saved is not None else None
        if kept is not None:
            frame, serial = kept.frame, kept.serial
        elif (frame.moved and frame.finite) or fresh or edited:
            kept = self.history.add(engine, frame)
            frame, serial = kept.frame, kept.serial
        shot = ViewContext(frame, serial, job.w_bounds[0], fresh, self.history, self.traces)
        return shot, refused, fresh, broke
