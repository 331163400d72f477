"""Notes: kept, renamed, loaded, deleted, and taken back from the browser."""

from __future__ import annotations

import json
import time

import numpy as np

from hebbscope.controls.drawings import Drawing
from hebbscope.sheets.notes.note import LONGEST_NAME, MOST, read_notes
from hebbscope.sheets.notes.notes import Notes
from hebbscope.ui.thumb import thumb_url

from ...kept_notes import THUMB, entry
from ...visitor import run


class Kept:
    """The notes of a visitor whose run goes on."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.sheet = Notes(visitor.session, visitor.complaints.append)
        self.told = ""
        self.sheet._send_msg = self._sent

    def _sent(self, message):
        assert message["kind"] == "said"
        self.told = message["sentence"]

    @property
    def notes(self):
        return list(self.sheet.kept.values())

    def say(self, kind, **more):
        self.sheet.received({"kind": kind, **more})

    async def done(self):
        """Wait until all that was asked for is done."""
        await self.visitor.until(lambda: not self.sheet._tasks)

    async def keep(self, name=""):
        self.say("keep", name=name)
        await self.done()
        return self.notes[-1]


def scene(scenario, **values):
    async def main(visitor):
        await visitor.until(lambda: len(visitor.pictures) >= 5)
        await scenario(visitor, Kept(visitor))

    run(main, **values)


def test_a_note_keeps_settings_step_and_picture():
    async def scenario(visitor, kept):
        await visitor.settle()
        kept.say("opened")
        assert kept.sheet.suggested == "pre units 8, post units 5"
        note = await kept.keep()
        shown = visitor.pictures[-1]
        assert (note.name, note.step) == ("pre units 8, post units 5", shown.step)
        assert note.thumb == thumb_url(shown.weights)
        assert note.values == visitor.controls.values() == {"n_pre": "8", "n_post": "5"}
        assert (await kept.keep(" my\nown ")).name == "my own"
        (first, second) = json.loads(kept.sheet.cards)
        assert (first["name"], first["thumb"]) == (note.name, note.thumb)
        assert second["note"] != first["note"]
        assert "my own" in kept.told
        assert visitor.complaints == []

    scene(scenario)


def test_looking_back_the_frame_on_show_is_kept():
    async def scenario(visitor, kept):
        visitor.session.at = 2
        await visitor.until(lambda: visitor.pictures[-1].serial == 2)
        note = await kept.keep()
        shown = next(p for p in reversed(visitor.pictures) if p.serial == 2)
        assert (note.step, note.thumb) == (shown.step, thumb_url(shown.weights))

    scene(scenario)


def test_loading_sets_every_control_and_starts_the_run_again():
    async def scenario(visitor, kept):
        controls = visitor.controls
        controls.apply({"eta": "0.2", "prior": "l1"})
        note = await kept.keep()
        controls.apply({"eta": "0.3", "prior": "l2", "w_bound": "2", "pattern": "bars"})
        await visitor.settle()
        before = len(visitor.pictures)
        kept.say("load", note=1)
        assert controls.values() == note.values
        await visitor.until(lambda: any(p.step == 0 for p in visitor.pictures[before:]))
        assert visitor.session.playing
        await visitor.until(lambda: visitor.pictures[-1].step > 0)
        assert visitor.complaints == []

    scene(scenario)


def test_loading_a_note_without_drawings_leaves_those_there_are():
    async def scenario(visitor, kept):
        await kept.keep()
        drawing = Drawing("mine", np.ones(8, "f4"), np.ones(5, "f4"))
        visitor.controls.drawings.replace([drawing])
        await kept.keep()
        kept.say("load", note=1)
        assert visitor.controls.drawings.all == (drawing,)
        visitor.controls.drawings.replace([])
        kept.say("load", note=2)
        (found,) = visitor.controls.drawings.all
        assert found.pre.tolist() == drawing.pre.tolist()

    scene(scenario)


def test_notes_are_renamed_and_deleted():
    async def scenario(_, kept):
        await kept.keep("first")
        await kept.keep("second")
        kept.say("rename", note=2, name="x" * 100)
        kept.say("rename", note=1, name=" \n ")
        assert [note.name for note in kept.notes] == ["first", "x" * LONGEST_NAME]
        kept.say("delete", note=1)
        assert [note.name for note in kept.notes] == ["x" * LONGEST_NAME]
        assert [card["note"] for card in json.loads(kept.sheet.cards)] == [2]
        for do in ("load", "delete", "rename"):
            kept.say(do, note=1, name="gone")
        assert len(kept.notes) == 1

    scene(scenario)


def test_there_is_room_for_so_many():
    async def scenario(_, kept):
        kept.say("offer", stored=json.dumps([entry()] * (MOST - 1)))
        kept.say("keep", name="last")
        kept.say("keep", name="one more")
        await kept.done()
        assert [note.name for note in kept.notes[-2:]] == ["mine", "last"]
        assert len(kept.notes) == MOST
        assert "Delete one first" in kept.told

    scene(scenario)


def test_of_many_offers_only_the_first_and_the_last_are_read(monkeypatch):
    read = []

    def slow(text):
        read.append(json.loads(text)[0]["name"])
        time.sleep(0.05)
        return read_notes(text)

    monkeypatch.setattr("hebbscope.sheets.notes.notes.read_notes", slow)

    async def scenario(_, kept):
        for number in range(50):
            kept.say("offer", stored=json.dumps([entry(name=f"offer {number}")]))
            if number == 0:
                await kept.visitor.until(lambda: read)
        await kept.done()
        assert read == ["offer 0", "offer 49"]
        assert [note.name for note in kept.notes] == ["offer 49"]

    scene(scenario)


def test_too_many_requests_are_refused_and_an_offer_that_waits_is_still_read():
    async def scenario(_, kept):
        kept.say("offer", stored=json.dumps([entry()]))
        for number in range(30):
            kept.say("keep", name=str(number))
        assert "Too many requests" in kept.told
        await kept.done()
        assert [note.name for note in kept.notes] == ["mine", *map(str, range(7))]

    scene(scenario)


def test_what_the_browser_kept_takes_the_place_of_what_there_was():
    async def scenario(_, kept):
        await kept.keep("old")
        kept.say("offer", stored=json.dumps([entry(), entry(name="two"), 5]))
        await kept.done()
        assert [note.name for note in kept.notes] == ["mine", "two"]
        assert kept.notes[0].thumb == THUMB
        # Numbers are never given twice: a card on its way to the browser means no other note.
        assert 1 not in kept.sheet.kept
        await kept.keep("new")
        assert [note.name for note in kept.notes] == ["mine", "two", "new"]

    scene(scenario)


def test_a_message_that_is_none_is_ignored():
    async def scenario(visitor, kept):
        await kept.keep("first")
        for message in (
            None,
            5,
            [],
            {},
            {"kind": "burn"},
            {"kind": "keep"},
            {"kind": "keep", "name": 5},
            {"kind": "load", "note": "1"},
            {"kind": "load", "note": 1.0},
            {"kind": "delete", "note": [1]},
            {"kind": "rename", "note": 1, "name": None},
            {"kind": "offer", "stored": 5},
        ):
            kept.sheet.received(message)
        await kept.done()
        assert [note.name for note in kept.notes] == ["first"]
        assert visitor.complaints == []

    scene(scenario)


def test_a_run_that_fails_is_told_and_keeps_nothing(caplog):
    async def scenario(visitor, kept):
        async def fails(_):
            raise RuntimeError("the run is gone")

        visitor.session.consult = fails
        kept.say("keep", name="x")
        await kept.done()
        assert kept.notes == []
        assert "did not work" in kept.told
        assert "the run is gone" in caplog.text

    scene(scenario)
