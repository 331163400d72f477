"""A note: what it is called, and how it is read back from a browser that may send anything."""

from __future__ import annotations

import base64
import io
import json
import zlib

import numpy as np
import pytest
from PIL import Image

from hebbscope.controls.controls import DRAWN
from hebbscope.controls.drawings import Drawing
from hebbscope.controls.names import plain_name
from hebbscope.panels.registry import BenchControls
from hebbscope.sheets.notes.note import (
    LONGEST_NAME,
    MOST,
    differences,
    noted,
    read_notes,
    title_of,
)
from hebbscope.ui.thumb import PNG_URL

from ...kept_notes import THUMB, entry


def read(*entries):
    return read_notes(json.dumps(entries))


def png(**changes):
    file = io.BytesIO()
    Image.new("RGB", changes.pop("size", (8, 8))).save(file, changes.pop("format", "PNG"))
    return PNG_URL + base64.b64encode(file.getvalue() + changes.pop("more", b"")).decode()


class TestNames:
    @pytest.mark.parametrize(
        ("values", "title"),
        [
            ({}, ""),
            ({"eta": "0.1", "prior_lambda": "-0.2"}, "η 0.1, λ −0.2"),
            ({"prior": "constant", "prior_lambda": "0.3"}, "prior none"),
            ({"is_nonnegative": "true", "n_pre": "128"}, "non-negative, pre units 128"),
            ({"b_eta": "0.3"}, ""),
            ({"twin": "true", "b_eta": "0.3"}, "twin B, B: η 0.3"),
            ({"traces": "false", "map_x": "w_bound", "steps_per_frame": "9"}, ""),
        ],
    )
    def test_a_note_is_called_after_what_differs_and_matters(self, values, title):
        controls = BenchControls()
        assert controls.apply(values) == []
        assert title_of(controls) == title

    def test_a_long_list_is_cut_between_its_parts(self):
        controls = BenchControls()
        for group in controls.groups:
            for control in group.control_names():
                described = group.param[control]
                if getattr(described, "bounds", None):
                    setattr(group, control, described.bounds[1])
        assert len(differences(controls)) > 10
        title = title_of(controls)
        assert len(title) <= LONGEST_NAME
        assert title.removesuffix(" …").split(", ") == differences(controls)[: title.count(",") + 1]

    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("  two \n words\t", "two words"),
            ("\x00\u202e", ""),
            ("x" * 10**6, "x" * LONGEST_NAME),
            ("<b>&amp;", "<b>&amp;"),
        ],
    )
    def test_a_name_is_one_printable_line(self, text, name):
        assert plain_name(text, LONGEST_NAME) == name

    def test_drawn_patterns_are_told_where_they_act(self):
        controls = BenchControls()
        controls.drawings.replace([Drawing("a", np.ones(4, "f4"), np.ones(2, "f4"))])
        assert differences(controls) == []
        controls.pattern.pattern = "drawn"
        assert differences(controls)[-1] == "1 drawn pattern"


class TestReading:
    def test_what_was_kept_comes_back(self):
        controls = BenchControls()
        controls.apply({"eta": "0.123456789", "twin": "true", "b_prior": "l1", "map_x": "w_bound"})
        note = noted("mine", controls, 12, THUMB)
        text = json.dumps(
            [{"name": note.name, "values": note.values, "step": note.step, "thumb": note.thumb}]
        )
        assert read_notes(text) == [note]

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "null",
            "{}",
            "5",
            "[",
            "[" * 100_000,
            '{"a":' * 5000,
            '"' + "x" * 3_000_000 + '"',
            "[NaN, 1e999]",
            json.dumps([None, 5, [], {}, "x"]),
        ],
    )
    def test_what_holds_no_notes_gives_none(self, text):
        assert read_notes(text) == []

    @pytest.mark.parametrize(
        "changes",
        [
            {"name": ""},
            {"name": "\n"},
            {"name": 5},
            {"step": -1},
            {"step": 1.5},
            {"step": True},
            {"step": 10**30},
            {"values": []},
            {"values": {"eta": 0.2}},
            {"values": {"eta": "1" * 5000}},
            {"values": {str(i): "1" for i in range(400)}},
            {"thumb": None},
        ],
    )
    def test_a_note_that_is_none_is_left_out(self, changes):
        assert read(entry()) != []
        good = entry(name="other")
        assert [note.name for note in read(entry(**changes), good)] == ["other"]

    def test_values_are_only_what_the_controls_take(self):
        (note,) = read(entry(values={"eta": "0.2", "w_bound": "-5", "nonsense": "1", DRAWN: "x"}))
        assert note.values == {"eta": "0.2"}
        assert note.differs == ("η 0.2",)

    @pytest.mark.parametrize(
        "thumb",
        [
            "",
            "javascript:alert(1)",
            "data:text/html;base64,PGI+",
            PNG_URL,
            PNG_URL + "!!!",
            PNG_URL + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(100)).decode(),
            png(size=(500, 2)),
            png(format="GIF"),
            png(more=bytes(30_000)),
            THUMB[:-40] + "AAAA",
            f'{THUMB}" onerror="alert(1)',
        ],
    )
    def test_a_picture_that_is_none_is_left_blank(self, thumb):
        (good,) = read(entry(thumb=png()))
        assert good.thumb == png()
        (note,) = read(entry(thumb=thumb))
        assert note.thumb == ""
        assert note.values == {"eta": "0.2"}

    def test_a_picture_that_claims_to_be_huge_is_not_opened(self):
        head = b"IHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
        data = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + head
        data += zlib.crc32(head).to_bytes(4, "big")
        (note,) = read(entry(thumb=PNG_URL + base64.b64encode(data).decode()))
        assert note.thumb == ""

    def test_there_are_never_more_than_may_be_kept(self):
        assert len(read(*[entry()] * (MOST + 5))) == MOST
