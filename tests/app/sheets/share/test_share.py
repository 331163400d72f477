"""Links that open this very bench: what they say, what is refused, their QR code."""

import asyncio
import json
import re
import threading
import time
from html import unescape
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from hebbscope.controls.address import MOST_STEPS, Address, read_address
from hebbscope.controls.drawings import Drawing
from hebbscope.host.pools import SMALL
from hebbscope.panels.registry import BenchControls
from hebbscope.sheets.share.share import (
    LONGEST_QR,
    Options,
    Share,
    frame_html,
    link_to,
    qr_svg,
)

PLACE = "https://bench.example:5006/app"
GROUPS = ("rule", "prior", "network")


class Sheet:
    """A share sheet and what it said."""

    def __init__(self, *, lesson="", hide=(), embed=False, step=120):
        self.controls, self.complaints = BenchControls(), []
        self.session = SimpleNamespace(controls=self.controls, steps_taken=step)
        self.sheet = Share(
            self.session,
            lambda: Address(self.controls.values(), hide, lesson, embed),
            GROUPS,
            self.complaints.append,
        )

    def say(self, here=PLACE, **options):
        chosen = {"stop": False, "embed": False, "lesson": True, "hide": [], **options}
        self.send({"kind": "link", "here": here, "options": chosen if options else None})
        return self.answer

    def send(self, message):
        self.sheet.received(message)

    @property
    def answer(self):
        return json.loads(self.sheet.answer) if self.sheet.answer else None


def sheet(scenario, **state):
    async def main():
        await scenario(Sheet(**state))

    asyncio.run(main())


async def until(condition):
    for _ in range(500):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("nothing happened")


def said(link):
    return read_address(dict(parse_qsl(urlsplit(link).query)), GROUPS, ("oja",))


def test_a_link_says_what_the_page_does():
    controls = BenchControls()
    assert controls.apply({"eta": "0.123", "prior": "l1", "n_pre": "20", "traces": "false"}) == []
    address = Address(controls.values(), ("prior",), "oja", True, 40)
    link = link_to(PLACE, address)
    assert link.startswith(f"{PLACE}?")
    assert said(link) == (address, [])
    assert link_to(PLACE, Address()) == PLACE


@pytest.mark.parametrize(
    "place",
    [
        "",
        "app",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://",
        "https://[::1",
        "data:text/html,x",
        f"{PLACE}?eta=1",
        f"{PLACE}#x",
        'https://a/"><script>',
        "https://a/ b",
        "https://a/\nb",
        "https://а.example/",
        "https://a/" + "b" * 500,
    ],
)
def test_a_place_that_is_no_page_gives_no_link(place):
    with pytest.raises(ValueError, match="place"):
        link_to(place, Address())

    async def scenario(bench):
        assert bench.say(here=place) is None
        assert "no link" in bench.complaints[0]

    sheet(scenario)


@pytest.mark.parametrize(
    ("options", "address"),
    [
        (Options(), Address({"eta": "1"}, (), "oja")),
        (Options(stop=True), Address({"eta": "1"}, (), "oja", False, 70)),
        (Options(lesson=False, embed=True), Address({"eta": "1"}, (), "", True)),
        (Options(hide=("rule",)), Address({"eta": "1"}, ("rule",), "oja")),
    ],
)
def test_options_change_the_address(options, address):
    assert options.address(Address({"eta": "1"}, ("prior",), "oja"), 70) == address


def test_the_html_of_an_iframe_opens_the_link():
    link = link_to(PLACE, Address({"eta": "1"}, embed=True))
    source = re.search('src="([^"]*)"', frame_html(link))
    assert source is not None
    assert source[1] == f"{PLACE}?eta=1&amp;embed=1"
    assert unescape(source[1]) == link


def test_a_code_has_its_quiet_zone_and_is_dark_on_white():
    drawn = qr_svg(PLACE)
    side = int(re.match(r'<svg viewBox="0 0 (\d+) \1"', drawn)[1])
    assert re.search(rf'fill="#fff" d="M0 0h{side}v{side}h-{side}z"', drawn)
    # The finder of seven by seven stands four squares in.
    assert re.search(r'stroke="#000" d="M4 4\.5h7', drawn)
    assert qr_svg(PLACE + "x") != drawn


def test_a_link_too_long_for_a_code_is_told():
    assert qr_svg("h" * LONGEST_QR)
    assert qr_svg("h" * (LONGEST_QR + 1)) == ""

    async def scenario(bench):
        noise = np.random.default_rng(0).integers(0, 255, 900) / 255
        bench.controls.drawings.replace(
            [Drawing("noise", noise[:600].astype("f4"), noise[600:].astype("f4"))]
        )
        bench.controls.apply({"n_pre": "600", "n_post": "300"})
        answer = bench.say()
        assert len(answer["link"]) > LONGEST_QR
        assert not answer["coded"]
        assert "too long for a QR code" in answer["told"][0]
        await asyncio.sleep(0.05)
        assert bench.sheet.qr == ""

    sheet(scenario)


def test_drawings_that_are_left_out_are_told():
    async def scenario(bench):
        drawn = np.random.default_rng(0).normal(size=4096).astype("f4")
        bench.controls.drawings.replace([Drawing("noise", drawn, drawn[:8])])
        bench.controls.apply({"n_pre": "4096"})
        answer = bench.say()
        assert "drawn" not in answer["link"]
        assert "left out" in answer["told"][0]
        bench.controls.drawings.replace([])
        assert bench.say()["told"] == []

    sheet(scenario)


def test_the_sheet_starts_from_what_the_page_shows():
    async def scenario(bench):
        address, complaints = said(bench.say()["link"])
        assert complaints == []
        assert (address.hide, address.lesson, address.steps) == (("prior",), "oja", None)
        assert bench.answer["hide"] == ["prior"]
        assert bench.answer["lesson"] == "oja"

    sheet(scenario, lesson="oja", hide=("prior",))


def test_options_of_the_visitor_make_another_link():
    async def scenario(bench):
        first = bench.say()["link"]
        answer = bench.say(
            stop=True, lesson=False, embed=True, hide=["network", "rule", "nonsense"]
        )
        address, complaints = said(answer["link"])
        assert complaints == []
        assert address == Address({}, ("rule", "network"), "", True, 120)
        assert answer["link"] != first
        assert unescape(answer["frame"]).startswith(f'<iframe src="{answer["link"]}"')
        bench.session.steps_taken = MOST_STEPS + 1
        address, complaints = said(bench.say(stop=True)["link"])
        assert (address.steps, complaints) == (MOST_STEPS, [])
        assert "at the latest" in bench.answer["told"][0]

    sheet(scenario, lesson="oja")


def test_the_code_is_that_of_the_last_link():
    async def scenario(bench):
        bench.say()
        bench.controls.rule.eta = 0.25
        link = bench.say()["link"]
        await until(lambda: bench.sheet.qr)
        assert bench.sheet.qr == qr_svg(link)
        # The same link keeps its code; another one never stands beside it.
        assert bench.say()["link"] == link
        assert bench.sheet.qr == qr_svg(link)
        bench.controls.rule.eta = 0.5
        bench.say()
        assert bench.sheet.qr == ""

    sheet(scenario)


def test_of_many_links_only_those_on_show_are_drawn(monkeypatch):
    drawn = []

    def slow(link):
        drawn.append(link)
        time.sleep(0.05)
        return qr_svg(link)

    monkeypatch.setattr("hebbscope.sheets.share.share.qr_svg", slow)

    async def scenario(bench):
        links = [bench.say(here=f"{PLACE}/0")["link"]]
        await until(lambda: drawn)
        links += [bench.say(here=f"{PLACE}/{number}")["link"] for number in range(1, 40)]
        await until(lambda: bench.sheet.qr)
        assert bench.sheet.qr == qr_svg(links[-1])
        assert drawn == [links[0], links[-1]]
        # It goes on with the next one.
        bench.say(here=f"{PLACE}/next")
        await until(lambda: bench.sheet.qr)
        assert len(drawn) == 3

    sheet(scenario)


def test_a_link_that_is_outdated_when_its_turn_comes_is_not_drawn(monkeypatch):
    drawn, begun, free = [], threading.Event(), threading.Event()

    def counted(link):
        drawn.append(link)
        return qr_svg(link)

    monkeypatch.setattr("hebbscope.sheets.share.share.qr_svg", counted)

    async def scenario(bench):
        # Somebody else has the pool.
        [SMALL.submit(lambda: (begun.set(), free.wait(10))) for _ in range(SMALL._max_workers)]
        begun.wait(10)
        bench.say(here=f"{PLACE}/first")
        await asyncio.sleep(0.02)
        last = bench.say(here=f"{PLACE}/last")["link"]
        free.set()
        await until(lambda: bench.sheet.qr)
        assert drawn == [last]

    sheet(scenario)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "here",
        {},
        {"kind": "link", "here": PLACE},
        {"kind": "link", "here": 5, "options": None},
        {"kind": "link", "here": PLACE, "options": {"stop": True}},
        {
            "kind": "link",
            "here": PLACE,
            "options": {"stop": 1, "embed": False, "lesson": True, "hide": []},
        },
        {
            "kind": "link",
            "here": PLACE,
            "options": {"stop": False, "embed": False, "lesson": True, "hide": "rule"},
        },
    ],
)
def test_a_message_that_is_none_is_ignored(message):
    async def scenario(bench):
        bench.send(message)
        assert bench.answer is None
        assert bench.complaints == []

    sheet(scenario)


def test_names_of_groups_may_be_anything():
    async def scenario(bench):
        answer = bench.say(hide=[{"a": 1}, None, 5, "rule", "rule"])
        assert said(answer["link"])[0].hide == ("rule",)

    sheet(scenario)
