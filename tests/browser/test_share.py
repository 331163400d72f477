"""The sheet “share”: the link, what changes it, the QR code, and the address bar."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest


@pytest.fixture
def shared(fresh):
    """The shared page, its sheet closed again in the end."""
    yield fresh
    fresh.page.evaluate("document.dispatchEvent(new CustomEvent('hebbscope-close'))")


def open_sheet(visitor):
    visitor.page.locator("[data-sheet=share]").click()
    visitor.page.wait_for_function(SHOWN)
    return visitor.page.locator("#sheet-share")


# The link is there, and its code with it.
SHOWN = """() => {
  const find = (node) => {
    for (const child of [...(node.shadowRoot?.children ?? []), ...node.children]) {
      const found = child.matches(".code svg") ? child : find(child)
      if (found) return found
    }
  }
  return find(document.getElementById("sheet-share"))
}"""


def link(visitor):
    return visitor.page.locator("#share-link").input_value()


def said(visitor):
    return {name: value for name, (value,) in parse_qs(urlsplit(link(visitor)).query).items()}


def choose(visitor, option, on=True):
    before = link(visitor)
    visitor.page.locator(f"#share-{option}").set_checked(on)
    visitor.page.wait_for_function(
        "([link, before]) => link.value !== before",
        arg=[visitor.page.locator("#share-link").element_handle(), before],
    )


def test_the_link_opens_the_same_run_at_the_same_step(bench):
    bench.open("?eta=0.2&prior=l1&n_pre=24&n_post=12")
    bench.pause()
    step, weights = bench.steps(), bench.values("W")
    open_sheet(bench)
    choose(bench, "stop")
    assert said(bench) == {
        "eta": "0.2",
        "prior": "l1",
        "n_pre": "24",
        "n_post": "12",
        "steps": str(step),
    }
    bench.open(f"?{urlsplit(link(bench)).query}", frames=1)
    bench.page.get_by_role("button", name="Play").wait_for()
    bench.settle()
    assert bench.steps() == step
    np.testing.assert_array_equal(bench.values("W"), weights)


def test_the_link_is_copied_and_options_change_it(shared):
    page = shared.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    sheet = open_sheet(shared)
    assert urlsplit(link(shared)).path == urlsplit(page.url).path
    sheet.get_by_role("button", name="Copy link").click()
    sheet.get_by_text("copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == link(shared)
    choose(shared, "hide-prior")
    choose(shared, "hide-network")
    assert said(shared)["hide"] == "prior,network"
    choose(shared, "embed")
    assert said(shared)["embed"] == "1"
    written = page.locator("#share-frame").input_value()
    assert f'src="{link(shared).replace("&", "&amp;")}"' in written
    choose(shared, "embed", on=False)
    assert page.locator("#share-frame").is_hidden()
    for group in ("prior", "network"):
        choose(shared, f"hide-{group}", on=False)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_code_fills_the_window_dark_on_white(shared, theme):
    page = shared.page
    shared.theme(theme)
    sheet = open_sheet(shared)
    sheet.get_by_role("button", name="Fill the screen").click()
    large = page.get_by_role("dialog", name="QR code, large")
    box = large.get_by_role("img").bounding_box()
    assert box["height"] > 0.8 * page.viewport_size["height"]
    assert large.get_by_role("paragraph").inner_text() == link(shared)
    colours = large.evaluate(
        "node => [getComputedStyle(node).backgroundColor, getComputedStyle(node).color]"
    )
    assert colours == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    page.keyboard.press("Escape")
    large.wait_for(state="hidden")
    assert sheet.is_visible()
    page.keyboard.press("Escape")
    sheet.wait_for(state="hidden")
    shared.theme("light")


def test_the_address_bar_follows_and_keeps_the_theme(fresh):
    page = fresh.page
    page.evaluate("history.replaceState(null, '', `${location.pathname}?theme=light`)")
    fresh.type("eta", 0.3)
    page.wait_for_url(re.compile(r"\?eta=0\.3&theme=light$"))
    fresh.type("eta", 0.05)
    page.wait_for_url(re.compile(r"\?theme=light$"))
    page.evaluate("history.replaceState(null, '', location.pathname)")
