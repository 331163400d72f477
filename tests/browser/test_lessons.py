"""A lesson as a learner lives through it."""

import numpy as np

from hebbscope.lessons import load_lessons

(SIGN,) = (lesson for lesson in load_lessons()[0] if lesson.name == "sign")


def choose(visitor, place):
    visitor.page.locator('input[name="prediction"]').nth(place).check()
    visitor.page.get_by_role("button", name="Commit").click()


def right(step):
    return next(i for i, choice in enumerate(step.choices) if choice.right)


def test_predict_commit_watch_read(fresh):
    page = fresh.page
    page.get_by_role("button", name="Lessons").click()
    page.locator("#lesson-sign").click()
    page.get_by_role("heading", name=SIGN.title).wait_for()
    page.wait_for_function("new URLSearchParams(location.search).get('lesson') === 'sign'")
    fresh.settle()
    assert fresh.steps() == 0
    initial = fresh.values("W")
    # Only what the lesson is about is left to turn.
    titles = [
        text.lower() for text in page.locator("aside .title:visible").all_inner_texts() if text
    ]
    assert set(titles) == set(SIGN.knobs)

    why = page.locator(".why")
    assert why.count() == 0
    commit = page.get_by_role("button", name="Commit")
    assert commit.is_disabled()
    wrong = (right(SIGN.steps[0]) + 1) % len(SIGN.steps[0].choices)
    choose(fresh, wrong)
    why.wait_for(timeout=60_000)
    assert fresh.steps() == SIGN.steps[0].run.steps
    assert np.abs(fresh.values("W")).mean() > np.abs(initial).mean()
    assert page.locator(".choice.wrong").count() == 1
    assert page.locator(".choice.right").count() == 1

    page.get_by_role("button", name="Next", exact=True).click()
    choose(fresh, right(SIGN.steps[1]))
    why.wait_for(timeout=60_000)
    assert page.locator(".choice.wrong").count() == 0
    fresh.says_verdict("shrink")
    page.get_by_role("button", name="reset to lesson").click()
    why.wait_for(state="detached")
    page.get_by_role("button", name="Close the lesson").click()
    page.get_by_role("heading", name=SIGN.title).wait_for(state="detached")
    page.wait_for_function("new URLSearchParams(location.search).get('lesson') === null")


def test_an_address_opens_a_lesson_with_controls_set_otherwise(bench):
    bench.open("?lesson=sign&eta=0.3", frames=1)
    bench.page.get_by_role("heading", name=SIGN.title).wait_for()
    bench.settle()
    assert bench.steps() == 0
    assert bench.field("eta").input_value() == "0.3"
