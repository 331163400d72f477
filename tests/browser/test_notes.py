"""The sheet “notes”: settings kept, loaded, renamed, deleted; a reload of the page; no storage."""

import json

import pytest
from playwright.sync_api import expect


def open_sheet(visitor):
    visitor.page.locator("[data-sheet=notes]").click()
    sheet = visitor.page.locator("#sheet-notes")
    sheet.get_by_role("button", name="Save the current settings").wait_for()
    return sheet


def cards(sheet):
    return sheet.get_by_role("listitem")


def keep(sheet, name):
    before = cards(sheet).count()
    sheet.get_by_label("Name", exact=True).fill(name)
    sheet.get_by_label("Name", exact=True).press("Enter")
    cards(sheet).nth(before).wait_for()


@pytest.fixture
def kept(fresh):
    """The shared page; it keeps no notes in the end."""
    yield fresh
    sheet = fresh.page.locator("#sheet-notes")
    if not sheet.is_visible():
        open_sheet(fresh)
    for _ in range(cards(sheet).count()):
        count = cards(sheet).count()
        sheet.get_by_role("button", name="Delete").first.click()
        cards(sheet).nth(count - 1).wait_for(state="detached")
    fresh.page.keyboard.press("Escape")
    fresh.page.evaluate("localStorage.removeItem('hebbscope-notes')")


def test_settings_are_kept_and_come_back(kept):
    kept.set(eta=0.2, w_bound=2)
    sheet = open_sheet(kept)
    name = sheet.get_by_label("Name", exact=True)
    expect(name).to_have_attribute("placeholder", "η 0.2, w_bound 2")
    keep(sheet, "")
    card = cards(sheet).first
    assert card.get_by_role("textbox").input_value() == "η 0.2, w_bound 2"
    assert card.get_by_role("img").evaluate("image => image.naturalWidth") == 32
    kept.page.keyboard.press("Escape")
    kept.set(eta=0.4, w_bound=1)
    sheet = open_sheet(kept)
    sheet.get_by_role("button", name="Load η 0.2").click()
    sheet.wait_for(state="hidden")
    kept.page.wait_for_function(
        "entry => entry.value === '0.2'", arg=kept.field("eta").element_handle()
    )
    assert kept.field("w_bound").input_value() == "2"
    kept.settle()
    assert kept.matrix("W")["high"] == 2


def test_names_are_changed_in_place_and_the_keyboard_goes_on_after_a_deletion(kept):
    page, sheet = kept.page, open_sheet(kept)
    for name in ("first", "<b>second</b>", "third"):
        keep(sheet, name)
    name = cards(sheet).nth(1).get_by_role("textbox")
    assert name.input_value() == "<b>second</b>"
    name.fill("given up")
    name.press("Escape")
    assert name.input_value() == "<b>second</b>"
    assert sheet.is_visible()
    name.fill("renamed")
    # The press on a button of another card ends the writing, and still counts.
    sheet.get_by_role("button", name="Delete first").click()
    cards(sheet).nth(2).wait_for(state="detached")
    sheet.get_by_role("button", name="Load renamed").wait_for()
    sheet.get_by_role("button", name="Delete renamed").focus()
    page.keyboard.press("Enter")
    sheet.get_by_role("button", name="Delete renamed").wait_for(state="detached")
    page.keyboard.press("Enter")
    sheet.get_by_text("No notes yet").wait_for()
    assert sheet.get_by_label("Name", exact=True).evaluate(
        "node => node.getRootNode().activeElement === node"
    )


def test_notes_outlive_the_page(bench):
    bench.open("?eta=0.2")
    sheet = open_sheet(bench)
    keep(sheet, "lasting")
    picture = cards(sheet).first.get_by_role("img").get_attribute("src")
    stored = json.loads(bench.page.evaluate("localStorage.getItem('hebbscope-notes')"))
    assert stored[0]["values"]["eta"] == "0.2"
    # Another page of this browser, or anybody, may have written what it liked.
    stored += [
        {
            "name": "evil",
            "values": {"eta": "<img src=x onerror=alert(1)>"},
            "step": 1,
            "thumb": "javascript:alert(1)",
        },
        {"name": 5},
    ]
    bench.page.evaluate("text => localStorage.setItem('hebbscope-notes', text)", json.dumps(stored))
    bench.open()
    sheet = open_sheet(bench)
    cards(sheet).nth(1).wait_for()
    assert cards(sheet).count() == 2
    first, evil = cards(sheet).first, cards(sheet).nth(1)
    assert first.get_by_role("textbox").input_value() == "lasting"
    assert first.get_by_role("img").get_attribute("src") == picture
    assert evil.get_by_text("all at the defaults").is_visible()
    assert evil.get_by_role("img").count() == 0
    left = json.loads(bench.page.evaluate("localStorage.getItem('hebbscope-notes')"))
    assert [note["values"] for note in left] == [stored[0]["values"], {}]


def test_without_storage_notes_last_as_long_as_the_page(own_tab):
    bench = own_tab
    bench.page.add_init_script("""
      for (const name of ["getItem", "setItem"]) {
        Storage.prototype[name] = () => { throw new DOMException("no", "SecurityError") }
      }
    """)
    bench.open()
    sheet = open_sheet(bench)
    keep(sheet, "first")
    bench.page.keyboard.press("Escape")
    sheet = open_sheet(bench)
    keep(sheet, "second")
    assert cards(sheet).count() == 2
