"""What a lesson is: a question at a time, a prediction, a run, an explanation, and measured numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Choice", "Lesson", "LessonError", "Number", "RunOrder", "Step"]


class LessonError(ValueError):
    """A lesson is malformed: the message names the file, the place, what it says and what it may."""


@dataclass(frozen=True)
class Choice:
    """One answer to a step's question: its ``html``, and whether it is ``right``."""

    html: str
    right: bool


@dataclass(frozen=True)
class RunOrder:
    """What happens once the learner has committed, in this order.

    Attributes:
        set: controls to set, name in the address -> text.
        reset: whether the run starts again from the same initial weights.
        steps: how many steps to take before it pauses, at least 1; None to play on and on.
    """

    set: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    steps: int | None = None


@dataclass(frozen=True)
class Step:
    """One question of a lesson.

    Attributes:
        heading: plain text.
        question_html: what is asked.
        choices: two or more, exactly one of them right.
        run: what happens when the learner commits; None if the run is left alone.
        explanation_html: shown once the learner has committed.
    """

    heading: str
    question_html: str
    choices: tuple[Choice, ...]
    run: RunOrder | None
    explanation_html: str


@dataclass(frozen=True)
class Number:
    """A number that a lesson's texts state, and how it is measured.

    The run that it is measured on is that of the lesson itself up to the end of a step (``after``),
    or a run of its own: the lesson's settings, then ``set``, then ``steps`` steps.

    Attributes:
        measure: key of :data:`app.lessons.measures.MEASURES`.
        text: the value as the texts show it.
        value: the value, or the name of a regime.
        within: how far the measured value may be off; 0 for a name.
        after: the number of a step of the lesson, from 1 on; None for a run of its own.
        set: controls, name in the address -> text.
        steps: steps of a run of its own; 0 where ``after`` is given.
        twin: whether B is measured rather than A.
        cell: row and column, for measures of one weight.
    """

    measure: str
    text: str
    value: float | str
    within: float
    after: int | None = None
    set: Mapping[str, str] = field(default_factory=dict)
    steps: int = 0
    twin: bool = False
    cell: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Lesson:
    """A lesson. All of its HTML is rendered from Markdown whose own HTML is escaped.

    Attributes:
        name: what it is called in the address, ``?lesson=``.
        title: plain text.
        minutes: how long it takes, about.
        knobs: titles, in lower case, of the groups of controls that it is about.
        settings: controls to set when it opens, name in the address -> text; all others go to their
            defaults.
        watch_html: what to watch.
        claim_html: what it shows, with its numbers, in a sentence or two.
        intro_html: the words before the first step.
        steps: one or more.
        numbers: every number that its texts state, by name.
    """

    name: str
    title: str
    minutes: int
    knobs: tuple[str, ...]
    settings: Mapping[str, str]
    watch_html: str
    claim_html: str
    intro_html: str
    steps: tuple[Step, ...]
    numbers: Mapping[str, Number]

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column of the first weight that its texts tell of; None if they tell of none."""
        cells = (number.cell for number in self.numbers.values() if number.measure == "weight")
        return next(cells, None)
