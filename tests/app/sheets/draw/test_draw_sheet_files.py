"""Files given to the sheet for drawing: their patterns are added, or it is told why not."""

from __future__ import annotations

import asyncio
import itertools

import numpy as np
import pytest

from hebbscope.controls.drawings import MOST
from hebbscope.sheets.draw.pattern_files import MAX_FILE

from ...draw_sheet import N, Sheet, of

CSV = "\n".join(",".join(str((i + j) % 3) for j in range(N)) for i in range(2)).encode()


def send(visitor, name, data):
    """Send a file as the browser does: what is asked for, as long as something is."""
    before = len(visitor.heard)
    visitor.tell("upload", number=before, name=name, size=len(data))
    for wanted in itertools.islice(visitor.heard, before, None):
        if wanted["kind"] == "more":
            piece = data[wanted["at"] : wanted["at"] + wanted["most"]]
            visitor.tell("piece", number=wanted["number"], at=wanted["at"], piece=piece)


async def done(visitor):
    if visitor.sheet._reading is not None:
        await visitor.sheet._reading


@pytest.mark.parametrize("most", [len(CSV), 7])
def test_its_patterns_are_added(most, monkeypatch):
    monkeypatch.setattr("hebbscope.sheets.chunked_upload.PIECE", most)

    async def scenario():
        visitor = Sheet()
        visitor.put(0, np.ones(N))
        send(visitor, "two.csv", CSV)
        await done(visitor)
        assert [p.name for p in visitor.patterns] == ["mine", "two 1", "two 2"]
        assert visitor.last("patterns")["names"] == ["mine", "two 1", "two 2"]
        said = visitor.last("said")
        assert said["said"] == "2 patterns added. Values up to 2 are taken as they are."
        assert not said["bad"]
        assert visitor.heard[-1] == {"kind": "read", "at": 1}
        assert visitor.patterns[1].target.tolist() == [0, 1, 0, 0]

    asyncio.run(scenario())


def test_what_is_wrong_with_it_is_said():
    async def scenario():
        visitor = Sheet()
        send(visitor, "three.csv", b"1,2,3")
        await done(visitor)
        assert visitor.patterns == ()
        assert visitor.last("said")["said"].startswith("“three.csv” has 3 numbers")
        assert visitor.heard[-1] == {"kind": "read", "at": -1}
        # Nothing of it stays in the way of the next.
        send(visitor, "two.csv", CSV)
        await done(visitor)
        assert len(visitor.patterns) == 2

    asyncio.run(scenario())


def test_it_is_told_elsewhere_when_the_sheet_is_closed():
    async def scenario():
        visitor = Sheet()
        send(visitor, "three.csv", b"1,2,3")
        visitor.tell("closed")
        await done(visitor)
        assert len(visitor.complaints) == 1
        assert visitor.complaints[0].startswith("“three.csv”")
        # The browser waits for this before it takes another file.
        assert visitor.heard[-1] == {"kind": "read", "at": -1}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("size", "says"), [(MAX_FILE + 1, "9 MiB; at most 8 MiB"), (0, "empty"), (-1, "empty")]
)
def test_what_is_too_large_is_not_asked_for(size, says):
    visitor = Sheet()
    visitor.tell("upload", number=1, name="a.csv", size=size)
    assert says in visitor.last("said")["said"]
    assert visitor.heard[-1] == {"kind": "read", "at": -1}
    assert visitor.count("more") == 0


def test_pieces_out_of_order_are_refused():
    visitor = Sheet()
    visitor.tell("piece", number=1, at=3, piece=b"123")
    assert visitor.count("read") == 0
    visitor.tell("upload", number=1, name="a.csv", size=9)
    visitor.tell("piece", number=1, at=6, piece=b"123")
    assert visitor.last("said")["bad"]
    assert visitor.heard[-1] == {"kind": "read", "at": -1}


def test_what_is_given_up_is_let_go():
    visitor = Sheet()
    visitor.tell("upload", number=1, name="a.csv", size=9)
    visitor.tell("stop")
    visitor.tell("piece", number=1, at=0, piece=bytes(9))
    assert visitor.sheet._reading is None
    assert visitor.count("read") == 0


def test_one_at_a_time():
    async def scenario():
        visitor = Sheet()
        send(visitor, "two.csv", CSV)
        send(visitor, "again.csv", CSV)
        await done(visitor)
        assert [p.name for p in visitor.patterns] == ["two 1", "two 2"]

    asyncio.run(scenario())


def test_no_more_than_there_is_room_for():
    async def scenario():
        visitor = Sheet()
        send(visitor, "two.csv", CSV)
        # Meanwhile others have come.
        visitor.controls.drawings.replace([of(1)] * (MOST - 1))
        await done(visitor)
        assert len(visitor.patterns) == MOST - 1
        assert visitor.last("said")["bad"]

    asyncio.run(scenario())
