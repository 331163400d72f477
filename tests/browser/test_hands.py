"""Hands and eyes: keys, both themes, every size of screen, and what a screen reader is told."""

import pytest
from axe_playwright_python.sync_playwright import Axe

SCREENS = {"projector": (1280, 720), "laptop": (1440, 900), "phone": (390, 844)}


def test_keys_play_step_reset_and_are_listed(fresh):
    keys = fresh.page.keyboard
    fresh.page.locator("body").click(position={"x": 700, "y": 2})
    keys.press(" ")
    fresh.page.get_by_role("button", name="Play").wait_for()
    fresh.settle()
    steps = fresh.steps()
    keys.press("ArrowRight")
    fresh.settle()
    assert fresh.steps() == steps + 1
    keys.press("r")
    fresh.settle()
    assert fresh.steps() == 0
    keys.press("?")
    dialog = fresh.page.get_by_role("dialog", name="Keys")
    assert dialog.is_visible()
    assert "play or pause" in dialog.inner_text()
    keys.press("Escape")
    dialog.wait_for(state="hidden")
    keys.press(" ")
    fresh.page.get_by_role("button", name="Pause").wait_for()


def test_no_key_acts_while_a_field_has_the_focus(fresh):
    fresh.pause()
    steps = fresh.steps()
    assert steps > 0
    fresh.field("eta").focus()
    for key in (" ", "r", "?", "ArrowRight"):
        fresh.page.keyboard.press(key)
    fresh.settle()
    assert fresh.page.get_by_role("button", name="Play").is_visible()
    assert not fresh.page.locator("#keys").is_visible()
    assert fresh.steps() == steps
    # What was typed is no number: the next test would find it there.
    fresh.type("eta", 0.05)


@pytest.fixture
def screen(fresh, request):
    """The desk on another screen."""
    before = fresh.page.viewport_size
    width, height = SCREENS[request.param]
    fresh.page.set_viewport_size({"width": width, "height": height})
    fresh.wait_layout()
    yield fresh, width, height
    fresh.page.set_viewport_size(before)


@pytest.mark.parametrize("screen", SCREENS, indirect=True)
def test_no_serious_violation(screen):
    desk, _, _ = screen
    desk.switch("fields")
    desk.switch("theory")
    desk.pause()
    for theme in ("light", "dark"):
        desk.theme(theme)
        found = Axe().run(desk.page)
        serious = [
            (violation["id"], [node["html"][:160] for node in violation["nodes"]][:4])
            for violation in found.response["violations"]
            if violation["impact"] in ("serious", "critical")
        ]
        assert serious == [], theme
    desk.theme("light")


@pytest.mark.parametrize("screen", ["projector", "laptop"], indirect=True)
def test_the_main_loop_needs_no_scrolling(screen):
    desk, width, height = screen
    page = desk.page
    assert page.evaluate("document.scrollingElement.scrollHeight") <= height
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    for part in (
        "header .transport",
        ".equation",
        '[data-map="W"]',
        '[data-map="dW"]',
        ".timeline",
        ".dock",
    ):
        box = page.locator(part).bounding_box()
        assert box["y"] + box["height"] <= height, part
        assert box["x"] + box["width"] <= width, part
    cards = page.locator(".dock .hebb-card").all()
    boxes = [card.bounding_box() for card in cards if card.is_visible()]
    assert len(boxes) == 3
    assert all(box["x"] + box["width"] <= width for box in boxes)


@pytest.mark.parametrize("screen", ["phone"], indirect=True)
def test_it_stacks_on_a_phone(screen):
    desk, width, _ = screen
    page = desk.page
    assert page.evaluate("document.scrollingElement.scrollWidth") <= width
    first, second = (page.locator(f'[data-map="{name}"]').bounding_box() for name in ("W", "dW"))
    assert second["y"] >= first["y"] + first["height"]
    assert first["width"] > 0.85 * width
    assert page.locator("aside").bounding_box()["y"] > second["y"]


def test_everything_is_reached_by_tab(fresh):
    fresh.pause()
    fresh.page.locator("body").click(position={"x": 700, "y": 2})
    reached = set()
    for _ in range(140):
        fresh.page.keyboard.press("Tab")
        reached.add(
            fresh.page.evaluate("""() => {
              let at = document.activeElement
              while (at.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
              return at.id || at.dataset?.map || at.textContent.trim()
            }""")
        )
    wanted = {
        "Play",
        "Step",
        "Reset",
        "New seed",
        "field-eta-range",
        "field-eta-entry",
        "field-prior",
        "field-seed-entry",
        "W",
        "dW",
        "history",
        "live",
        "field-term",
        "field-theory",
        "field-weight",
        "theme",
        "help",
    }
    assert wanted <= reached
