"""Every number that a lesson states is what its run really comes to."""

from dataclasses import replace
from functools import cache

import pytest

from hebbscope.lessons import holds, load_lessons, measure, measure_all
from hebbscope.lessons.lesson import Number
from hebbscope.lessons.quantities import MEASURES

LESSONS = {lesson.name: lesson for lesson in load_lessons()[0]}
CLAIMS = [(lesson.name, name) for lesson in LESSONS.values() for name in lesson.numbers]


@cache
def measured(lesson):
    return measure_all(LESSONS[lesson])


@pytest.mark.parametrize(("lesson", "name"), CLAIMS, ids=lambda part: part)
def test_claim(lesson, name):
    number = LESSONS[lesson].numbers[name]
    value = measured(lesson)[name]
    if number.measure == "regime":
        assert value == number.value
    else:
        assert value == pytest.approx(number.value, abs=number.within)
    assert holds(number, value)


def test_a_number_measured_alone_is_the_same():
    lesson = LESSONS["soft-bound"]
    for name in ("weak_late", "wide"):
        assert measure(lesson, lesson.numbers[name]) == measured(lesson.name)[name]


def test_a_wrong_number_does_not_hold():
    lesson = LESSONS["sign"]
    for name, number in lesson.numbers.items():
        wrong = replace(number, value=number.value * 1.1)
        assert not holds(wrong, measured("sign")[name])


def test_a_claim_fails_where_the_run_is_another():
    lesson = LESSONS["sign"]
    other = replace(lesson, settings={**lesson.settings, "sign_value": "1"})
    assert not holds(lesson.numbers["grown"], measure(other, lesson.numbers["grown"]))


def test_a_wrong_regime_does_not_hold():
    number = LESSONS["eta"].numbers["word"]
    assert holds(number, "oscillating")
    assert not holds(number, "steady")
    assert not holds(number, 1.0)


def test_a_negative_sign_and_a_negative_eta_are_one():
    lesson = LESSONS["sign"]
    for measured_of in ("mean", "lowest", "highest"):
        once = replace(lesson.numbers["grown"], measure=measured_of)
        assert measure(lesson, once) == measure(lesson, replace(once, after=3))


def test_twins_are_measured_apart():
    lesson = LESSONS["adam"]
    ratio = replace(lesson.numbers["sgd"], measure="ratio")
    of_a, of_b = measure(lesson, ratio), measure(lesson, replace(ratio, twin=True))
    assert of_a == pytest.approx(1 / of_b)
    assert of_a > 1


@pytest.mark.parametrize(
    ("lesson", "change", "says"),
    [
        ("sign", {"measure": "ratio"}, "needs a twin"),
        ("sign", {"twin": True}, "no twin"),
        ("sign", {"measure": "winners"}, None),
        ("principal-component", {"measure": "recall"}, "nothing to recall"),
        ("principal-component", {"measure": "predicted_growth", "after": 3}, "theory says nothing"),
        ("runaway", {"measure": "predicted_weight"}, "growth here, not weights"),
        ("runaway", {"measure": "eta_limit"}, "nothing about that"),
        ("runaway", {"after": None, "steps": 2000}, "stop being finite at step 1"),
        ("prior-grows", {"measure": "growth", "after": None, "steps": 1}, "two or more steps"),
        ("eta", {"after": None, "steps": 1, "set": {"eta": "much"}}, "not a number"),
    ],
)
def test_what_cannot_be_measured_is_said(lesson, change, says):
    number = replace(next(iter(LESSONS[lesson].numbers.values())), **change)
    if says is None:
        assert measure(LESSONS[lesson], number) >= 1
        return
    with pytest.raises(ValueError, match=says):
        measure(LESSONS[lesson], number)


def test_every_measure_can_be_taken_of_some_lesson():
    where = {
        "ratio": "adam",
        "alignment": "principal-component",
        "predicted_growth": "runaway",
    }
    for name, described in MEASURES.items():
        lesson = LESSONS[where.get(name, "recall")]
        if name in ("growth", "update_growth", "eta_limit") or name.startswith("predicted"):
            lesson = LESSONS[where.get(name, "eta")]
        value = measure(lesson, Number(name, "", 0.0, 0.0, steps=30))
        assert isinstance(value, str if name == "regime" else float), name
        assert described.explanation.endswith(".")
