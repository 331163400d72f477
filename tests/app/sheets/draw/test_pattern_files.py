"""Files of patterns: what is taken, and that whatever else somebody sends harms nothing."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from hebbscope.controls.drawings import LARGEST, MOST
from hebbscope.sheets.draw.pattern_files import KINDS, MAX_FILE, UploadError, accepted

from ....hebb_core.hostile import Bomb, npy
from ...pattern_files import M, N, csv, lean, png, read, refused, valid

QUICK = settings(derandomize=True, max_examples=150, deadline=None)
ROWS = np.arange(3 * (N + M)).reshape(3, N + M) / 8 - 2


def header(described, shape, data=b"", version=1):
    text = f"{{'descr': '{described}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    size = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + size + text + data


class TestTables:
    @pytest.mark.parametrize("kind", ["npy", "csv"])
    def test_a_row_a_pattern_with_its_target(self, kind):
        found = read(f"my rows.{kind}", npy(ROWS) if kind == "npy" else csv(ROWS))
        assert [d.name for d in found] == ["my rows 1", "my rows 2", "my rows 3"]
        np.testing.assert_array_equal([d.pre for d in found], ROWS[:, :N].astype(np.float32))
        np.testing.assert_array_equal([d.target for d in found], ROWS[:, N:].astype(np.float32))

    @pytest.mark.parametrize("kind", ["npy", "csv"])
    def test_a_target_that_is_missing_counts_on(self, kind):
        rows = ROWS[:, :N]
        found = read(f"a.{kind}", npy(rows) if kind == "npy" else csv(rows), first=2)
        assert [int(d.target.argmax()) for d in found] == [2, 3, 0]
        assert [d.target.sum() for d in found] == [1, 1, 1]

    @pytest.mark.parametrize("kind", ["npy", "csv"])
    def test_a_picture_of_the_grid(self, kind):
        picture = np.arange(9).reshape(3, 3)
        (found,) = read(f"P.{kind.upper()}", npy(picture) if kind == "npy" else csv(picture))
        assert found.name == "P"
        assert found.pre.tolist() == list(range(9))

    def test_a_grid_that_is_not_full(self):
        # Seven units stand in three rows of three.
        (found,) = read("p.npy", npy(np.arange(9).reshape(3, 3)), n=7)
        assert found.pre.tolist() == list(range(7))

    def test_a_large_picture_may_have_more_rows_than_there_may_be_patterns(self):
        (found,) = read("p.csv", csv(np.ones((70, 70), int)), n=4900)
        assert found.pre.sum() == 4900

    def test_one_row_and_several_pictures(self):
        assert len(read("a.npy", npy(np.zeros(N)))) == 1
        assert len(read("a.npy", npy(np.zeros(N + M)))) == 1
        found = read("a.npy", npy(np.arange(18).reshape(2, 3, 3)))
        assert found[1].pre.tolist() == list(range(9, 18))

    @pytest.mark.parametrize("dtype", ["b1", "i1", "u1", "<i2", ">i4", "<u8", "<f2", ">f4", "<f8"])
    def test_numbers_of_any_kind(self, dtype):
        rows = (np.arange(2 * N) % 3).reshape(2, N).astype(dtype)
        found = read("a.npy", npy(np.asfortranarray(rows)))
        np.testing.assert_array_equal([d.pre for d in found], rows.astype(np.float32))

    def test_newer_headers(self):
        data = header("<f4", (1, N), np.arange(N, dtype="<f4").tobytes(), version=2)
        assert read("a.npy", data)[0].pre.tolist() == list(range(N))

    @pytest.mark.parametrize(
        "text",
        [
            "1,0,0,0,.5,0,0,0,-1",
            "# as numpy writes it\n\n1, 0, 0, 0, 5e-1, 0, 0, 0, -1.0\n",
            "\ufeff1;0;0;0;0,5;0;0;0;-1\r\n",
            "1\t0\t0\t0\t0.5\t0\t0\t0\t-1",
            '"1","0","0","0","0.5","0","0","0","-1"',
        ],
    )
    def test_texts_of_many_programs(self, text):
        (found,) = read("a.csv", text.encode())
        assert found.pre.tolist() == [1, 0, 0, 0, 0.5, 0, 0, 0, -1]

    def test_old_line_ends(self):
        assert len(read("a.csv", csv(ROWS).replace(b"\n", b"\r"))) == 3


class TestRefused:
    def test_the_file_is_named_and_what_is_allowed_is_said(self):
        said = refused("C:\\tmp\\rows.csv", csv([[1, 2, 3, 4, 5]]), "5 numbers in line 1")
        assert said.startswith("“rows.csv” has 5 numbers")
        assert accepted(N, M) in said
        assert "9 numbers or, with its target, 13" in said
        assert "3 × 3" in said

    @pytest.mark.parametrize(
        ("name", "data", "says"),
        [
            ("a.txt", b"1", "another kind; .npy, .csv, .png can be read"),
            ("a.npz", npy(ROWS), "another kind"),
            ("npy", npy(ROWS), "another kind"),
            ("a.csv", b"", "is empty"),
            ("a.csv", bytes(MAX_FILE + 1), "takes 8.0 MiB; a file may take 8 MiB"),
            ("a.csv", b"\n# nothing\n\n", "holds no numbers"),
            ("a.csv", b"1,2,3,4,5,6,7,8,x9", "has “x9” in line 1, column 9"),
            ("a.csv", b"1,2,3,4,5,6,7,8,", "has “” in line 1, column 9"),
            ("a.csv", b"1,2,3,4,5,6,7,8,1_0", "column 9"),
            ("a.csv", b"1,2,3,4,5,6,7,8," + b"9" * 50, "column 9"),
            ("a.csv", b"1,2,3,4,5,6,7,8,nan", "row 1: the pattern holds NaN"),
            ("a.csv", b"1,2,3,4,5,6,7,8,9,0,0,0,inf", "row 1: the target holds NaN or inf"),
            ("a.csv", b"1,2,3,4,5,6,7,8,1e4", "holds 10000; values must lie within ±1000"),
            ("a.csv", b"1,2,3,4,5,6,7,8,9\n1,2,3", "3 numbers in line 2, where those .* have 9"),
            ("a.csv", csv(np.zeros((MOST + 1, N), int)), "more than 64 rows"),
            ("a.csv", npy(ROWS), "is not a text file"),
            ("a.csv", "1,2".encode("utf-16"), "is not a text file"),
            ("a.csv", b"\n" * 5000, "more than 1024 lines"),
            ("a.npy", csv(ROWS), "is not a .npy file"),
            ("a.npy", npy(ROWS)[:50], "header is damaged"),
            ("a.npy", npy(ROWS)[:-1], "asks for 312 bytes, but 311 are there"),
            ("a.npy", npy(ROWS) + b"x", "asks for 312 bytes, but 313 are there"),
            ("a.npy", header("<f4", "(1, 2"), "header is damaged"),
            ("a.npy", header("<f4", "(1 2, 3)"), "header is damaged"),
            ("a.npy", header("<f4", (10**6, 10**6)), "asks for 40+ bytes, but 0 are there"),
            ("a.npy", header("<f4", (0, N)), "holds 0 × 9"),
            ("a.npy", header("<f4", (-1, -16), bytes(64)), "impossible shape"),
            ("a.npy", header("<f4", (10**30, 0)), "impossible shape"),
            ("a.npy", header("<f4", (True, N), bytes(36)), "impossible shape"),
            ("a.npy", header("<c8", (1, N), bytes(72)), "“<c8”, not plain numbers"),
            ("a.npy", header("<U4", (1, N), bytes(144)), "“<U4”, not plain numbers"),
            ("a.npy", header("<i3", (1, N), bytes(27)), "header is damaged"),
            ("a.npy", header("<f4", (1, N), bytes(36), version=9), "unsupported version"),
            ("a.npy", npy(np.zeros((1, N), [("x", "<f4")])), "not plain numbers"),
            ("a.npy", npy(np.float32(3)), "holds a single number"),
            ("a.npy", npy(np.zeros((2, 2, 2, 2))), "damaged"),
            ("a.npy", npy(np.zeros((2, 4, 4))), "holds 2 × 4 × 4; allowed are"),
            ("a.npy", npy(np.full((1, N), np.nan)), "NaN"),
            ("a.npy", npy(np.full((1, N), 1e300)), "holds 1e\\+300"),
            ("a.npy", npy(np.zeros((MOST + 1, N), "u1")), "holds 65 patterns.*room for 64 more"),
        ],
        ids=lambda value: value[:30] if isinstance(value, str) else "",
    )
    def test_with_the_reason(self, name, data, says):
        refused(name, data, says)

    def test_no_room(self):
        refused("a.npy", npy(ROWS), "holds 3 patterns, but there is room for 2 more", first=62)


class TestHostile:
    def test_pickles_are_never_opened(self, tmp_path):
        trace = tmp_path / "trace"
        hostile = npy(np.array([Bomb(trace)] * N, object), allow_pickle=True)
        refused("a.npy", hostile, "pickled objects, which are never read")
        assert not trace.exists()

    @pytest.mark.parametrize(
        "data",
        [
            b"," * 1_000_000,
            b"1," * 1_000_000,
            b"1" * MAX_FILE,
            b"\n" * MAX_FILE,
            b"#\n" * (MAX_FILE // 2),
            (b"0," * (N - 1) + b"0\n") * 100_000,
        ],
        ids=["commas", "numbers", "digits", "lines", "remarks", "rows"],
    )
    def test_texts_that_would_fill_the_memory(self, data):
        with lean():
            refused("a.csv", data, "line|rows")

    def test_a_huge_shape_takes_nothing(self):
        with lean():
            refused("a.npy", header("<f8", (10**9, N)), "impossible shape")
            refused("a.npy", header("|u1", (MAX_FILE // N - 99, N)) + bytes(99), "bytes")

    def test_many_small_rows_take_little(self):
        rows = npy(np.zeros((MAX_FILE // N - 99, N), "u1"))
        with lean():
            refused("a.npy", rows, "room")

    @given(st.sampled_from(list(KINDS)), st.binary(max_size=300), st.text(max_size=60))
    @example(".csv", b"\x00" * 9, "")
    @example(".npy", b"\x93NUMPY\x01\x00\x00\x00", "\ud800")
    @QUICK
    def test_any_bytes(self, kind, data, stem):
        try:
            found = read(stem + kind, data)
        except UploadError:
            return
        assert valid(found)

    @given(
        st.sampled_from(list(KINDS)),
        st.lists(st.tuples(st.integers(0, 2**20), st.integers(0, 255)), min_size=1, max_size=6),
        st.integers(0, 2**20),
    )
    @QUICK
    def test_files_that_were_damaged(self, kind, changes, cut):
        image = Image.fromarray((np.arange(36) * 7 % 256).astype(np.uint8).reshape(6, 6))
        data = bytearray({".npy": npy(ROWS), ".csv": csv(ROWS), ".png": png(image)}[kind])
        for at, value in changes:
            data[at % len(data)] = value
        # One in four is cut off as well.
        data = data[: cut % len(data)] if cut % 4 == 0 else data
        try:
            found = read("a" + kind, bytes(data))
        except UploadError:
            return
        assert valid(found)

    @given(
        st.text("<>|=biufcOUVS0123456789", max_size=5),
        st.text("0123456789, ", max_size=12),
        st.binary(max_size=80),
        st.sampled_from([1, 2, 3]),
    )
    @QUICK
    def test_headers_that_say_anything(self, described, shape, data, version):
        try:
            found = read("a.npy", header(described, f"({shape})", data, version))
        except UploadError:
            return
        assert valid(found)

    @given(st.text("0123456789.,;-+eEnaif_\"'\t\r\n #", max_size=120))
    @QUICK
    def test_texts_that_are_nearly_numbers(self, text):
        try:
            found = read("a.csv", text.encode(), n=2, m=2)
        except UploadError:
            return
        assert valid(found, 2, 2)

    def test_values_up_to_the_limit_are_taken_as_they_are(self):
        (found,) = read("a.npy", npy(np.linspace(-LARGEST, LARGEST, N)))
        assert found.pre[0] == -LARGEST
