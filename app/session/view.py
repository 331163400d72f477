"""Base class of views: queried and drawn on the event loop, computed in a thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from hebb_core.run.frame import Frame
from hebb_core.run.history import History

from .traces import Traces

__all__ = ["View", "ViewContext"]


@dataclass(frozen=True)
class ViewContext:
    """The data of a run that a view is computed from.

    Attributes:
        frame: the frame shown: the newest, or a past one that the visitor went back to.
        serial: number of the frame in the history; None for a preview, which is not kept.
        w_bound: the current bound; 0 if there is none.
        fresh: whether the frame is the first of a new run.
        history: the most recent frames.
        traces: per-step scalars since the start of the run.
        twin: context of the twin, for a view of both synapses; else None.
        of_twin: whether this is the context of the twin.
        focus_on_twin: for a view of both synapses, whether the twin is in focus.
    """

    frame: Frame
    serial: int | None
    w_bound: float
    fresh: bool
    history: History
    traces: Traces
    twin: ViewContext | None = None
    of_twin: bool = False
    focus_on_twin: bool = False

    @property
    def focus(self) -> ViewContext:
        """The context of the synapse in focus: the twin's if ``focus_on_twin`` is set, else this one."""
        return self.twin if self.focus_on_twin and self.twin is not None else self


class View(ABC):
    """A part of the page that is drawn from a run. A hidden view costs nothing.

    Attributes:
        every: while the run plays, the view is drawn with every ``every``-th frame.
        live: whether the view shows the newest frame even while the visitor looks at a past one.
        theory: whether the view shows the prediction of theory, which lags behind the run.
        whose: the synapse whose context the view receives: ``"a"`` for synapse A, ``"b"`` for
            twin B, ``"focus"`` for the synapse whose controls are shown. With ``"both"`` and
            ``"pair"``, it receives the context of synapse A, with the context of twin B as its
            ``twin``. If there is no twin, views of ``"b"`` and ``"pair"`` are not drawn, and all
            others receive the context of synapse A.
    """

    every: ClassVar[int] = 1
    live: ClassVar[bool] = False
    theory: ClassVar[bool] = False
    whose: str = "focus"

    @abstractmethod
    def ask(self) -> Any:
        """Return what to compute, as an immutable value; None while the view is hidden.

        Called on the event loop.
        """

    @abstractmethod
    def compute(self, shot: ViewContext, asked: Any) -> Any:
        """Return what to draw, as host data, from a context and from what :meth:`ask` returned.

        Called in a thread: it must not use anything that the event loop changes.
        """

    def prepare(self, part: Any) -> None:  # noqa: B027
        """Share ``part`` with other views; called for all views before any of them draws."""

    @abstractmethod
    def draw(self, part: Any) -> None:
        """Draw what :meth:`compute` returned; called on the event loop."""
