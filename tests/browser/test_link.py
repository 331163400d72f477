"""The link is the state: it follows the page, and opens it again as it was."""

import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest


def query(visitor):
    return {k: v[0] for k, v in parse_qs(urlsplit(visitor.page.url).query).items()}


def wait_query(visitor, **wanted):
    visitor.page.wait_for_function(
        """wanted => {
          const said = Object.fromEntries(new URLSearchParams(location.search))
          return JSON.stringify(Object.entries(said).sort()) === JSON.stringify(Object.entries(wanted).sort())
        }""",
        arg=wanted,
    )


def test_the_address_follows_the_controls(fresh):
    wait_query(fresh)
    fresh.set(eta=0.2, prior="l1", bias=True)
    wait_query(fresh, eta="0.2", prior="l1", bias="true")
    fresh.switch("fields")
    wait_query(fresh, eta="0.2", prior="l1", bias="true", fields="true")
    fresh.restore()
    wait_query(fresh)


def test_a_link_repeats_the_run_to_the_bit(fresh, bench):
    fresh.set(eta=0.1, circuit="linear", pattern="clusters", n_pre=20, n_post=12, seed=7)
    fresh.press("Reset")
    fresh.settle()
    fresh.wait_frames(5)
    fresh.pause()
    steps, weights = fresh.steps(), fresh.values("W")
    assert steps > 0
    said = urlsplit(fresh.page.url).query
    bench.open(f"?{said}&steps={steps}", frames=1)
    bench.page.get_by_role("button", name="Play").wait_for()
    bench.settle()
    assert bench.steps() == steps
    np.testing.assert_array_equal(bench.values("W"), weights)
    # From there on it is a page like any other.
    bench.play()
    bench.wait_frames(5)
    assert bench.steps() > steps


def test_groups_can_be_hidden(bench):
    bench.open("?hide=gains,network&eta=0.3")
    titles = bench.page.locator("aside .title:visible")
    titles.filter(has_text=re.compile("rule", re.I)).wait_for()
    shown = [text.lower() for text in titles.all_inner_texts() if text]
    assert "rule" in shown
    assert not {"gains", "network"} & set(shown)
    assert query(bench) == {"hide": "gains,network", "eta": "0.3"}


def test_embedded_it_drops_its_frame(bench):
    bench.open("?embed=1&hide=twin,rule,bound,prior,optimiser,gains,pattern,circuit,network")
    page = bench.page
    for gone in (".logo", "header h1", "nav.tools", "aside"):
        assert not page.locator(gone).is_visible()
    assert page.locator('[data-map="W"]').bounding_box()["x"] < 30
    page.get_by_role("link", name="Open in a new tab").wait_for()


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("?hide=everything", "there is no such group"),
        ("?lesson=none", "there is no such lesson"),
        ("?steps=many", "that is not a number"),
    ],
)
def test_what_makes_no_sense_is_told(bench, said, told):
    bench.open(said)
    bench.page.locator(".notyf__message", has_text=told).wait_for(timeout=10_000)
