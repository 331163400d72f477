"""Patterns of a visitor's own: fitted to any size, kept within bounds, and carried by an address."""

import base64
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from hebb_core.signals.patterns.drawn import shapes
from hebbscope.controls.controls import DRAWN, Controls
from hebbscope.controls.drawings import (
    LARGEST,
    LONGEST_NAME,
    MOST,
    Drawing,
    Drawings,
    checked_drawing,
    decoded,
    encoded,
    number_alone,
)
from hebbscope.controls.names import plain_name

QUICK = settings(derandomize=True, max_examples=60, deadline=None)


def drawing_of(pre, target=(0, 1, 0), name="mine"):
    return checked_drawing(name, np.asarray(pre, np.float32), np.asarray(target, np.float32))


def random_drawings(count, n, m, seed=0, levels=True):
    random = np.random.default_rng(seed)
    rows = (
        random.integers(-255, 256, (count, n + m)) / 255
        if levels
        else random.normal(size=(count, n + m))
    )
    return [drawing_of(row[:n], row[n:], f"pattern {i}") for i, row in enumerate(rows)]


class TestChecked:
    def test_what_is_taken_is_float32_and_stays_as_it_is(self):
        made = checked_drawing("cross", [0, 1, 0, 1], np.array([True, False]))
        assert (made.pre.dtype, made.target.dtype) == (np.float32, np.float32)
        assert made.target.tolist() == [1, 0]
        with pytest.raises(ValueError, match="read-only"):
            made.pre[0] = 3

    @pytest.mark.parametrize(
        ("pre", "target", "says"),
        [
            ([np.nan, 0], [1], "the pattern holds NaN or infinity"),
            ([1, 0], [np.inf], "the target holds NaN or infinity"),
            ([1, -LARGEST - 1], [0], "the pattern holds 1001; values must lie within ±1000"),
            (np.array([1e300]), [0], "holds 1e\\+300"),
            (np.array([np.iinfo(np.int64).min]), [0], "holds 9.22337e\\+18"),
            ([], [0], "the pattern must be a row"),
            ([[1, 0]], [0], "the pattern must be a row"),
            (["1"], [0], "the pattern must be a row"),
            ([1j], [0], "the pattern must be a row"),
        ],
    )
    def test_what_is_refused(self, pre, target, says):
        with pytest.raises(ValueError, match=says):
            checked_drawing("x", pre, target)

    def test_the_limit_itself_is_allowed(self):
        assert checked_drawing("x", [-LARGEST], [LARGEST]).pre.tolist() == [-LARGEST]

    @given(st.text(max_size=200))
    @QUICK
    def test_a_name_is_short_and_can_be_read(self, name):
        plain = plain_name(name, LONGEST_NAME)
        assert len(plain) <= LONGEST_NAME
        assert plain.isprintable()
        assert plain == plain.strip()
        assert plain_name(plain, LONGEST_NAME) == plain

    def test_a_name_of_nothing_gets_one(self):
        assert drawing_of([1], name=" \n\u202e ").name == "pattern"

    def test_a_target_for_who_has_none(self):
        assert number_alone(5, 3).tolist() == [0, 0, 1]


class TestFitted:
    def test_its_own_size_is_itself(self):
        drawn = drawing_of(np.arange(4))
        assert drawn.fitted(4, 3) is drawn

    def test_twice_as_large_and_back(self):
        drawn = drawing_of(np.arange(9), (0, 0, 7, 0))
        large = drawn.fitted(36, 8)
        np.testing.assert_array_equal(
            large.pre.reshape(6, 6), np.kron(np.arange(9).reshape(3, 3), np.ones((2, 2)))
        )
        assert large.target.tolist() == [0, 0, 7, 0, 0, 0, 0, 0]
        back = large.fitted(9, 4)
        np.testing.assert_array_equal(back.pre, drawn.pre)
        np.testing.assert_array_equal(back.target, drawn.target)

    def test_one_unit_stays_one_unit(self):
        fitted = drawing_of([1], (0, 0, 0, 0, 1)).fitted(1, 3)
        assert fitted.target.tolist() == [0, 1, 0]

    def test_a_row_of_several_is_stretched(self):
        assert drawing_of([1], (1, 2)).fitted(1, 4).target.tolist() == [1, 1, 2, 2]

    @given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 40), st.integers(1, 40))
    @QUICK
    def test_any_size_fits_any_other(self, n, to_n, m, to_m):
        drawn = drawing_of(np.full(n, 0.5), np.full(m, 0.25))
        fitted = drawn.fitted(to_n, to_m)
        assert (fitted.pre.shape, fitted.target.shape) == ((to_n,), (to_m,))
        assert set(fitted.pre.tolist()) <= {0.0, 0.5}
        assert set(fitted.target.tolist()) <= {0.0, 0.25}


class TestKept:
    def test_a_change_is_told_once(self):
        drawings, told = Drawings(), []
        drawings.watch(lambda: told.append(len(drawings.all)))
        drawings.replace(random_drawings(2, 4, 3))
        drawings.replace([])
        assert told == [2, 0]

    def test_too_many_are_refused_and_nothing_changes(self):
        drawings, told = Drawings(), []
        drawings.replace(random_drawings(MOST, 4, 3))
        before = drawings.all
        drawings.watch(lambda: told.append(1))
        with pytest.raises(ValueError, match="At most 64 patterns can be kept; these are 65"):
            drawings.replace(random_drawings(MOST + 1, 4, 3))
        assert drawings.all is before
        assert told == []

    def test_a_bank_is_the_same_until_something_changes(self):
        drawings = Drawings()
        stand_in = drawings.bank(16, 3)
        np.testing.assert_array_equal(stand_in.rows()[0], shapes(16, 3)[0])
        assert drawings.bank(16, 3) is stand_in
        mine = random_drawings(3, 16, 3)
        drawings.replace(mine)
        bank = drawings.bank(16, 3)
        assert bank is drawings.bank(16, 3)
        np.testing.assert_array_equal(bank.rows()[0], np.stack([d.pre for d in mine]))
        np.testing.assert_array_equal(bank.rows()[1], np.stack([d.target for d in mine]))
        assert drawings.bank(9, 2).shape == (9, 2)


class TestText:
    @pytest.mark.parametrize("levels", [True, False])
    def test_it_comes_back_exactly(self, levels):
        mine = random_drawings(3, 16, 5, levels=levels)
        text = encoded(mine, 16, 5)
        assert text is not None
        assert text.isascii()
        assert set(text).isdisjoint("+/=&?#% ")
        back = decoded(text)
        assert [d.name for d in back] == ["1", "2", "3"]
        for one, other in zip(mine, back, strict=True):
            np.testing.assert_array_equal(one.pre, other.pre)
            np.testing.assert_array_equal(one.target, other.target)

    def test_many_black_and_white_patterns_fit(self):
        random = np.random.default_rng(0)
        mine = [drawing_of(random.random(64) < 0.2, number_alone(i, 32)) for i in range(16)]
        text = encoded(mine, 64, 32)
        assert text is not None
        assert len(text) < 1200

    def test_what_would_be_too_long_is_left_out(self):
        assert encoded(random_drawings(9, 1024, 32, levels=False), 1024, 32) is None
        assert encoded([], 4, 3) is None

    def test_it_is_given_up_as_soon_as_it_is_too_long(self, monkeypatch):
        fed, compressor = [], zlib.compressobj

        class Counting:
            def __init__(self, level):
                self.made = compressor(level)
                self.flush = self.made.flush

            def compress(self, data):
                fed.append(len(data))
                return self.made.compress(data)

        monkeypatch.setattr("hebbscope.controls.drawings.zlib.compressobj", Counting)
        large = random_drawings(16, 4096, 4096, levels=False)
        assert encoded(large, 4096, 4096) is None
        assert sum(fed) < 2**18 < 16 * 8192 * 4
        fed.clear()
        # A long one that is nothing but white is written to its end.
        white = [drawing_of(np.zeros(4096), np.zeros(4096))] * 16
        text = encoded(white, 4096, 4096)
        assert text is not None
        assert sum(fed) > 16 * 8192
        assert len(decoded(text)) == 16

    def test_it_is_made_once_for_each_edition_and_size(self, monkeypatch):
        made = []

        def counted(drawings, n, m):
            made.append((len(drawings), n, m))
            return encoded(drawings, n, m)

        monkeypatch.setattr("hebbscope.controls.drawings.encoded", counted)
        controls = Controls()
        controls.drawings.replace(random_drawings(2, 64, 32))
        first = controls.values()[DRAWN]
        controls.rule.eta = 0.3
        assert controls.values()[DRAWN] == first
        assert made == [(2, 64, 32)]
        controls.network.n_pre = 16
        assert controls.values()[DRAWN] == encoded(controls.drawings.all, 16, 32)
        controls.drawings.replace(random_drawings(1, 64, 32))
        assert controls.values()[DRAWN] == encoded(controls.drawings.all, 16, 32) != first
        assert made == [(2, 64, 32), (2, 16, 32), (1, 16, 32)]

    def test_it_is_written_for_the_size_on_show(self):
        back = decoded(encoded([drawing_of(np.arange(4), (1, 0))], 16, 3) or "")
        assert (len(back[0].pre), len(back[0].target)) == (16, 3)

    @given(
        st.text(max_size=80)
        | st.binary(max_size=80).map(base64.urlsafe_b64encode).map(bytes.decode)
    )
    @QUICK
    def test_any_other_text_is_refused(self, text):
        with pytest.raises(ValueError, match="not a drawing written by this page"):
            decoded(text)

    @given(
        st.integers(0, 3),
        st.integers(0, 70),
        st.integers(0, 5),
        st.integers(0, 5),
        st.binary(max_size=60),
    )
    @QUICK
    def test_what_is_packed_likewise_is_checked(self, kind, count, n, m, body):
        packed = zlib.compress(struct.pack("<BHHH", kind, count, n, m) + body)
        text = base64.urlsafe_b64encode(packed).decode().rstrip("=")
        try:
            found = decoded(text)
        except ValueError:
            return
        assert 1 <= len(found) <= MOST
        for drawing in found:
            assert (drawing.pre.shape, drawing.target.shape) == ((n,), (m,))
            checked_drawing(drawing.name, drawing.pre, drawing.target)

    @pytest.mark.parametrize("value", [np.nan, np.inf, 2e3])
    def test_values_out_of_bounds_are_refused(self, value):
        packed = zlib.compress(struct.pack("<BHHHff", 0, 1, 1, 1, value, 0.0))
        with pytest.raises(ValueError, match="not a drawing"):
            decoded(base64.urlsafe_b64encode(packed).decode())

    def test_what_expands_beyond_what_it_says_is_refused(self):
        bomb = zlib.compress(struct.pack("<BHHH", 1, 1, 2, 2) + bytes(2_000_000), 9)
        with pytest.raises(ValueError, match="not a drawing"):
            decoded(base64.urlsafe_b64encode(bomb).decode())

    @given(
        arrays.arrays(np.float32, (2, 5), elements=st.floats(-LARGEST, LARGEST, width=32)),
    )
    @QUICK
    def test_any_values_come_back(self, rows):
        mine = [Drawing("x", row[:3], row[3:]) for row in rows]
        text = encoded(mine, 3, 2)
        assert text is not None
        for one, other in zip(mine, decoded(text), strict=True):
            np.testing.assert_array_equal(one.pre, other.pre)
            np.testing.assert_array_equal(one.target, other.target)


class TestControls:
    def test_a_change_of_them_acts_on_the_run(self):
        controls, told = Controls(), []
        controls.watch(told.append)
        controls.drawings.replace(random_drawings(2, 64, 32))
        assert told == [{DRAWN}]
        assert Controls().acts({DRAWN})
        assert not Controls.restarts({DRAWN})

    def test_a_run_shows_them(self):
        controls = Controls()
        mine = random_drawings(2, 64, 32)
        controls.drawings.replace(mine)
        np.testing.assert_array_equal(
            controls.setup().bank.rows()[0], np.stack([d.pre for d in mine])
        )
        controls.network.n_pre = 16
        assert controls.setup().bank.shape == (16, 32)

    def test_they_travel_with_the_values(self):
        controls, other = Controls(), Controls()
        mine = random_drawings(2, 64, 32)
        controls.drawings.replace(mine)
        controls.pattern.pattern = "drawn"
        assert other.load(controls.values()) == []
        assert other.pattern.pattern == "drawn"
        np.testing.assert_array_equal(other.drawings.all[1].pre, mine[1].pre)
        assert other.load({}) == []
        assert other.drawings.all == ()

    def test_a_wrong_text_is_said_and_nothing_changes(self):
        controls = Controls()
        controls.drawings.replace(random_drawings(1, 64, 32))
        before = controls.drawings.all
        assert controls.apply({DRAWN: "xyz"}) == [
            "drawn: that is not a drawing written by this page."
        ]
        assert controls.drawings.all is before
