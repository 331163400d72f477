"""For the lecture hall: large type over the whole screen, and one step at a time."""

from playwright.sync_api import expect

from hebbscope.session.slow_motion import STAGES


def size_of(visitor, selector):
    return visitor.page.locator(selector).first.bounding_box()["width"]


def test_large_type_and_back(fresh):
    page = fresh.page
    small, field = size_of(fresh, ".hebb-rule-strip math"), size_of(fresh, "#field-eta-label")
    page.keyboard.press("f")
    page.locator("html[data-present]").wait_for()
    fresh.wait_layout()
    assert size_of(fresh, ".hebb-rule-strip math") > 1.1 * small
    assert size_of(fresh, "#field-eta-label") > 1.2 * field
    # All of it still fits on the screen.
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    fresh.wait_frames(10)
    page.locator("#present").click()
    page.locator("html:not([data-present])").wait_for()
    fresh.wait_layout()
    assert size_of(fresh, ".hebb-rule-strip math") == small


def test_slow_motion_shows_a_step_as_its_stages(fresh):
    page = fresh.page
    fresh.switch("slow")
    now = page.locator(".hebb-stages .now")
    now.wait_for()
    fresh.pause()
    seen = []
    for _ in range(len(STAGES)):
        seen.append(now.inner_text())
        fresh.settle()
        stage = next(stage for stage in STAGES if stage.label == seen[-1])
        assert page.locator(".staged").count() == 1
        shown = fresh.values("dW")
        if stage.term == "delta":
            moved = shown
        fresh.press("Step")
        expect(now).not_to_have_text(seen[-1])
    assert sorted(seen) == sorted(stage.label for stage in STAGES)
    assert abs(moved).max() > 0
    fresh.switch("slow")
    now.wait_for(state="hidden")
    fresh.play()
    fresh.wait_frames(10)
