"""What a panel of the bench is: asked on the event loop, computed in a thread, drawn on the loop."""

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
    """What there is to see at one moment.

    Attributes:
        frame: the frame on show: the newest, or the one that the visitor went back to.
        serial: its number in the history; None for a preview, which is not kept.
        w_bound: the bound in force; 0 for none.
        fresh: whether it is the first of a new run.
        history: the frames kept.
        traces: per-step scalars since the start of the run.
        twin: the same of the twin; None where there is none.
        of_twin: whether this is that of the twin.
        focus_on_twin: to a view of both, whether the twin is in focus.
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
        """To a view of both: what there is to see of the one in focus."""
        return self.twin if self.focus_on_twin and self.twin is not None else self


class View(ABC):
    """A panel. It costs nothing while it is not on show.

    Attributes:
        every: while the run goes on, it is drawn with every so many frames.
        live: whether it shows the run itself, and goes on while the visitor looks at a past frame.
        theory: whether it shows what theory says, which comes some time after a control was moved.
        whose: of which of the twins it is told: ``"focus"``, the one that the knobs turn; ``"a"``;
            ``"b"``; ``"both"``, told of A, and through it of B; ``"pair"``, the same. Where there is
            no twin, what is of B or of a pair is told nothing.
    """

    every: ClassVar[int] = 1
    live: ClassVar[bool] = False
    theory: ClassVar[bool] = False
    whose: str = "focus"

    @abstractmethod
    def ask(self) -> Any:
        """Return what to compute, as an immutable value; None where nothing is on show.

        Called on the event loop.
        """

    @abstractmethod
    def compute(self, shot: ViewContext, asked: Any) -> Any:
        """Return what to draw: host data, made of ``shot`` and of what :meth:`ask` returned.

        Called in a thread: it must touch nothing that the event loop changes.
        """

    def prepare(self, part: Any) -> None:  # noqa: B027
        """Take note of what other views need to know before any of them draws."""

    @abstractmethod
    def draw(self, part: Any) -> None:
        """Draw what :meth:`compute` returned; called on the event loop."""
