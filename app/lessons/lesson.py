"""Data classes of a lesson: steps (question, choices, run, explanation) and measured numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Choice", "Lesson", "LessonError", "Number", "RunOrder", "Step"]


class LessonError(ValueError):
    """A lesson is malformed; the message names the place, what it contains and what is allowed."""


@dataclass(frozen=True)
class Choice:
    """One answer to a step's question: its text in HTML, and whether it is right."""

    html: str
    right: bool


@dataclass(frozen=True)
class RunOrder:
    """Actions after the learner has committed, executed in the order of the attributes.

    Attributes:
        set: controls to set, URL name -> text.
        reset: whether to restart the run from the same initial weights.
        steps: number of steps to run before pausing, at least 1; None to play without end.
    """

    set: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    steps: int | None = None


@dataclass(frozen=True)
class Step:
    """One question of a lesson.

    Attributes:
        heading: plain text.
        question_html: the question.
        choices: two or more, exactly one of them right.
        run: actions when the learner commits; None if there are none.
        explanation_html: shown once the learner has committed.
    """

    heading: str
    question_html: str
    choices: tuple[Choice, ...]
    run: RunOrder | None
    explanation_html: str


@dataclass(frozen=True)
class Number:
    """A number stated in a lesson's text, and how to measure it.

    The number is measured on the lesson's own run after a step (``after``), or on a separate run:
    the lesson's settings, then ``set``, then ``steps`` steps.

    Attributes:
        measure: key of :data:`app.lessons.quantities.MEASURES`.
        text: the value as shown to the learner.
        value: the value, or the name of a regime.
        within: absolute tolerance of the measured value; 0 for the name of a regime.
        after: number of a step of the lesson, from 1; None for a separate run.
        set: controls to set for a separate run, URL name -> text.
        steps: steps of a separate run; 0 if ``after`` is given.
        twin: whether to measure synapse B, the twin, instead of synapse A.
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
    """A lesson. All HTML is rendered from Markdown, with raw HTML escaped.

    Attributes:
        name: name in the URL, ``?lesson=``.
        title: plain text.
        minutes: approximate duration.
        knobs: titles, in lower case, of the groups of controls that the lesson is about.
        settings: controls to set at the start, URL name -> text; all others are set to their
            defaults.
        watch_html: what to watch during the lesson.
        claim_html: the result, with its numbers, in a sentence or two.
        intro_html: text before the first step.
        steps: one or more.
        numbers: every number that the text states, by name.
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
        """Row and column of the first number that measures a weight; None if there is none."""
        cells = (number.cell for number in self.numbers.values() if number.measure == "weight")
        return next(cells, None)
