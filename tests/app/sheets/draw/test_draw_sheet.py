"""The sheet for drawing: what the browser tells is checked and kept, what it shows is what is kept."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbscope.controls.drawings import MOST, checked_drawing

from ...draw_sheet import M, N, Sheet, of, packed


class TestShown:
    def test_a_closed_sheet_costs_nothing(self):
        visitor = Sheet(opened=False)
        visitor.controls.drawings.replace([of(1)])
        visitor.controls.network.n_pre = 25
        visitor.controls.circuit.circuit = "relu"
        assert visitor.heard == []
        visitor.tell("opened")
        visitor.tell("closed")
        visitor.controls.drawings.replace([])
        assert len(visitor.heard) == 1

    def test_what_is_kept_is_shown_when_it_opens(self):
        visitor = Sheet(opened=False)
        visitor.controls.drawings.replace([of(0.5, name="a"), of(-1, 4, 2, name="b")])
        visitor.tell("opened")
        shown = visitor.last("patterns")
        assert (shown["n"], shown["m"], shown["columns"]) == (N, M, 4)
        assert shown["names"] == ["a", "b"]
        pre = np.frombuffer(shown["pre"], "<f4").reshape(2, N)
        assert pre.tolist() == [[0.5] * N, [-1] * N]
        assert np.frombuffer(shown["target"], "<f4").tolist() == [0.5] * M + [-1] * M
        assert len(shown["palette"]) % 2 == 1

    def test_another_size_and_other_patterns_are_shown_at_once(self):
        visitor = Sheet()
        visitor.controls.network.n_pre = 25
        shown = visitor.last("patterns")
        assert (shown["n"], shown["columns"]) == (25, 5)
        assert "25 numbers or, with its target, 29" in shown["accepted"]
        visitor.controls.drawings.replace([of(1)])
        assert visitor.last("patterns")["edition"] > shown["edition"]

    def test_whether_the_run_makes_use_of_them(self):
        visitor = Sheet()
        assert (visitor.last("patterns")["shown"], visitor.last("patterns")["idle"]) == (False, "")
        visitor.controls.circuit.circuit = "relu"
        assert visitor.last("run")["idle"] == "the synapse, rectified"
        visitor.tell("show")
        assert visitor.last("run")["shown"]
        assert visitor.controls.pattern.pattern == "drawn"


class TestPainted:
    def test_the_first_pattern_is_shown_by_the_run(self):
        visitor = Sheet()
        visitor.put(0, np.arange(N), (0, 0, 1, 0), "first")
        assert visitor.controls.pattern.pattern == "drawn"
        (mine,) = visitor.patterns
        assert (mine.name, mine.pre.tolist()) == ("first", list(range(N)))
        assert mine.target.tolist() == [0, 0, 1, 0]
        # The circuit is the visitor's, and so is the pattern from now on.
        assert visitor.controls.circuit.circuit == "teacher"
        visitor.controls.pattern.pattern = "ring"
        visitor.put(1, np.zeros(N))
        assert visitor.controls.pattern.pattern == "ring"

    def test_the_browser_is_not_told_what_it_painted(self):
        visitor = Sheet()
        visitor.put(0, np.ones(N))
        visitor.put(0, np.zeros(N))
        visitor.put(1, np.ones(N))
        assert visitor.count("patterns") == 1
        assert [p.pre[0] for p in visitor.patterns] == [0, 1]

    def test_what_was_painted_on_something_else_is_not_heard(self):
        visitor = Sheet()
        visitor.put(0, np.ones(N))
        before = visitor.last("patterns")["edition"]
        visitor.controls.drawings.replace([of(0.25)])
        visitor.put(0, np.ones(N), edition=before)
        visitor.tell("all", edition=before, patterns=[])
        assert visitor.patterns[0].pre[0] == 0.25

    @pytest.mark.parametrize(
        ("at", "pattern", "says"),
        [
            (2, packed(np.ones(N)), "no such pattern"),
            (-1, packed(np.ones(N)), "no such pattern"),
            (0, packed(np.ones(N + 1)), "not for 16 units"),
            (0, packed(np.ones(N), [1]), "not for 4 units"),
            (0, packed(np.full(N, np.nan)), "NaN"),
            (0, packed(np.full(N, 1001)), "±1000"),
            (0, {**packed(np.ones(N)), "pre": "*" * 88}, "could not be kept: "),
            (0, {**packed(np.ones(N)), "pre": "é" * 88}, "could not be kept: "),
            (0, {**packed(np.ones(N)), "name": 3}, "no pattern"),
            (0, {"name": "x"}, "no pattern"),
            (0, None, "no pattern"),
        ],
    )
    def test_what_is_wrong_is_refused_and_taken_back(self, at, pattern, says):
        visitor = Sheet()
        visitor.put(0, np.arange(N))
        edition = visitor.last("patterns")["edition"]
        visitor.put(at, (), pattern=pattern)
        assert [p.pre.tolist() for p in visitor.patterns] == [list(range(N))]
        assert visitor.last("said")["bad"]
        assert says in visitor.last("said")["said"]
        assert visitor.last("patterns")["edition"] > edition

    def test_there_is_room_for_so_many(self):
        visitor = Sheet(opened=False)
        visitor.controls.drawings.replace([of(0.5)] * MOST)
        visitor.tell("opened")
        visitor.put(MOST, np.ones(N))
        assert len(visitor.patterns) == MOST
        assert "At most 64" in visitor.last("said")["said"]
        edition = visitor.last("patterns")["edition"]
        visitor.tell("all", edition=edition, patterns=[packed(np.ones(N))] * (MOST + 1))
        assert len(visitor.patterns) == MOST

    def test_all_at_once(self):
        visitor = Sheet()
        for value in range(3):
            visitor.put(value, np.full(N, value), name=str(value))
        edition = visitor.last("patterns")["edition"]
        kept = [packed(np.full(N, value), name=str(value)) for value in (2, 0)]
        visitor.tell("all", edition=edition, patterns=kept)
        assert [(p.name, p.pre[0]) for p in visitor.patterns] == [("2", 2), ("0", 0)]
        visitor.tell("all", edition=edition, patterns=[])
        assert visitor.patterns == ()

    def test_a_pattern_that_is_only_moved_or_renamed_keeps_its_resolution(self):
        visitor = Sheet(opened=False)
        random = np.random.default_rng(0)
        fine = [checked_drawing("fine", random.random(64), random.random(8)) for _ in range(2)]
        visitor.controls.drawings.replace(fine)
        visitor.tell("opened")
        seen = [d.fitted(N, M) for d in fine]
        visitor.put(0, seen[0].pre, seen[0].target, "other")
        edition = visitor.last("patterns")["edition"]
        told = [packed(d.pre, d.target, d.name) for d in reversed(seen)]
        visitor.tell("all", edition=edition, patterns=told)
        np.testing.assert_array_equal(visitor.patterns[0].pre, fine[1].pre)
        np.testing.assert_array_equal(visitor.patterns[1].target, fine[0].target)

    def test_four_shapes_to_begin_with(self):
        visitor = Sheet()
        visitor.tell("shapes")
        assert [p.name for p in visitor.patterns] == ["cross", "frame", "diagonal", "half"]
        assert visitor.last("patterns")["names"] == ["cross", "frame", "diagonal", "half"]
        assert visitor.controls.pattern.pattern == "drawn"
        visitor.tell("all", edition=visitor.last("patterns")["edition"], patterns=[])
        visitor.put(0, np.ones(N))
        visitor.tell("shapes")
        assert len(visitor.patterns) == 1


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=90),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=4,
)
KINDS = st.sampled_from(
    ["opened", "closed", "show", "shapes", "put", "all", "upload", "piece", "stop", "x"]
)


@given(
    st.lists(
        VALUES
        | st.fixed_dictionaries(
            {"kind": KINDS},
            optional={
                "edition": st.just(0) | VALUES,
                "at": st.integers(-1, 2) | VALUES,
                "pattern": st.just(packed(np.ones(N))) | VALUES,
                "patterns": st.lists(st.just(packed(np.ones(N))) | VALUES, max_size=2) | VALUES,
                "name": st.just("a.csv") | VALUES,
                "size": st.integers(-1, 9) | VALUES,
                "piece": st.binary(max_size=9) | VALUES,
                "number": st.integers(0, 1) | VALUES,
            },
        ),
        max_size=5,
    )
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_a_browser_may_send_anything(messages):
    async def main():
        visitor = Sheet(opened=False)
        for message in messages:
            visitor.sheet.received(message)
            if visitor.sheet._reading is not None:
                await visitor.sheet._reading
        for drawing in visitor.patterns:
            assert (drawing.pre.shape, drawing.target.shape) == ((N,), (M,))
            checked_drawing(drawing.name, drawing.pre, drawing.target)

    asyncio.run(main())
