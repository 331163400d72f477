"""Files that ngc-learn is said to have written: read, or refused with what was wrong."""

from __future__ import annotations

import io
import pickle
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core import CheckpointError
from hebb_core.interop.ngclearn_import import Imported, import_folder_npz

from ..hostile import Bomb, flipped, npy, peak_of, spliced, zipped
from ..saved import active

WEIGHTS = np.arange(1, 13, dtype=np.float32).reshape(4, 3) / 16
MASK = (np.arange(12).reshape(4, 3) % 3 > 0).astype(np.float32)


def theirs(**changes) -> dict[str, np.ndarray]:
    """Arrays as ngc-learn writes them; None leaves one out."""
    arrays = {
        "key": np.zeros(2, np.uint32),
        "inputs": np.zeros((2, 4), np.float32),
        "weights": WEIGHTS,
        "mask": np.ones((1, 1), np.float32),
        "biases": np.float64(0.0),
        "gate": np.ones((2, 3), np.float32),
        "input_delay_buffer": np.zeros((0, 2, 4), np.float32),
        **changes,
    }
    return {name: array for name, array in arrays.items() if array is not None}


def packed(arrays: dict[str, np.ndarray]) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def read(content: bytes, **limits) -> Imported:
    return import_folder_npz(io.BytesIO(content), **limits)


def refused(content: bytes, match: str = "ngc-learn", **limits) -> None:
    with pytest.raises(CheckpointError, match=match) as caught:
        read(content, **limits)
    assert str(caught.value).startswith("no synapse of ngc-learn: ")


class TestWhatIsRead:
    def test_weights_alone_with_a_plain_zero_for_a_bias(self):
        found = read(packed(theirs()))
        np.testing.assert_array_equal(found.weights, WEIGHTS)
        np.testing.assert_array_equal(found.biases, np.zeros((1, 3)))
        np.testing.assert_array_equal(found.mask, np.ones((1, 1)))
        assert not found.has_bias
        assert len(found.notes) == 1
        assert "pickle" in found.notes[0]
        assert {a.dtype for a in (found.weights, found.biases, found.mask)} == {np.dtype("f4")}

    @pytest.mark.parametrize("shape", [(4, 3), (4, 1), (1, 3), (3,)])
    def test_masks_stand_for_as_many_as_they_are_broadcast_to(self, shape):
        mask = MASK if shape == (4, 3) else np.resize([0, 1], shape)
        found = read(packed(theirs(mask=mask)))
        whole = np.broadcast_to(mask, (4, 3))
        np.testing.assert_array_equal(found.mask, whole)
        np.testing.assert_array_equal(found.weights, WEIGHTS * whole)
        assert any("mask has no connection" in note for note in found.notes)

    @pytest.mark.parametrize("mask", [np.bool_(True), np.ones((4, 3), np.int64), 1.0])
    def test_a_mask_that_leaves_nothing_out_is_none(self, mask):
        found = read(packed(theirs(mask=np.asarray(mask))))
        assert found.mask.tolist() == [[1.0]]
        assert len(found.notes) == 1

    def test_a_mask_that_leaves_everything_out_is_told_cell_by_cell(self):
        found = read(packed(theirs(mask=np.zeros((1, 1)))))
        assert found.mask.shape == (4, 3)
        assert not found.mask.any()
        assert not found.weights.any()

    @pytest.mark.parametrize("shape", [(1, 3), (3,), (1, 1)])
    def test_a_row_of_biases_is_a_bias(self, shape):
        found = read(packed(theirs(biases=np.full(shape, 0.5, np.float32))))
        np.testing.assert_array_equal(found.biases, np.full((1, 3), 0.5))
        assert found.has_bias

    def test_a_plain_number_for_a_bias_is_told_of_unless_it_is_zero(self):
        found = read(packed(theirs(biases=np.float32(0.5))))
        np.testing.assert_array_equal(found.biases, np.full((1, 3), 0.5))
        assert not found.has_bias
        assert [note for note in found.notes if "bias acts only while" in note]
        silent = read(packed(theirs(biases=np.zeros((1, 3), np.float32))))
        assert silent.has_bias
        assert not [note for note in silent.notes if "bias acts only while" in note]

    @pytest.mark.parametrize(("count", "words"), [(1, "1 weight is"), (2, "2 weights are")])
    def test_zeros_without_a_mask_are_counted(self, count, words):
        weights = WEIGHTS.copy()
        weights[0, :count] = 0
        found = read(packed(theirs(weights=weights)))
        assert [note for note in found.notes if note.startswith(f"{words} exactly 0")]

    @pytest.mark.parametrize(
        ("gate", "told"),
        [
            (np.float64(1), False),
            (np.ones(3, bool), False),
            (np.ones((4096, 3), np.uint8), False),
            (np.ones((2, 1), ">f8"), False),
            (np.float64(1 + 1e-12), True),
            (np.zeros(3, bool), True),
            (np.array([[1], [2]], np.int64), True),
            (np.full((1, 3), 1e300), True),
        ],
    )
    def test_a_gate_that_is_not_open_is_told_of(self, gate, told):
        found = read(packed(theirs(gate=gate)))
        assert bool([note for note in found.notes if "gate" in note]) is told

    def test_a_gate_of_small_numbers_takes_no_room_but_its_own(self):
        content = packed(
            theirs(
                weights=np.ones((1, 1024), np.float32),
                inputs=None,
                gate=np.ones((1024, 1024), np.uint8),
            )
        )
        read(content)
        assert peak_of(lambda: read(content)) < 3.5 * 2**20

    def test_a_file_of_before_there_were_masks(self):
        found = read(packed(theirs(mask=None)))
        assert found.mask.tolist() == [[1.0]]
        assert any("no mask" in note for note in found.notes)

    @pytest.mark.parametrize("dtype", ["f8", ">f4", "f2"])
    def test_other_floats_become_float32(self, dtype):
        found = read(packed(theirs(weights=WEIGHTS.astype(dtype))))
        assert found.weights.dtype == np.dtype("f4")
        np.testing.assert_array_equal(found.weights, WEIGHTS)

    def test_compressed_files_are_read(self):
        members = {f"{name}.npy": npy(x) for name, x in theirs().items()}
        found = read(zipped(members))
        np.testing.assert_array_equal(found.weights, WEIGHTS)

    def test_the_optimiser_starts_afresh(self):
        synapse = read(packed(theirs(mask=MASK))).synapse("adam")
        assert int(synapse.opt.count) == 0
        assert not np.asarray(synapse.opt.mu[0]).any()
        np.testing.assert_array_equal(synapse.weights, WEIGHTS * MASK)
        with pytest.raises(ValueError, match="optim_type"):
            read(packed(theirs())).synapse("momentum")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("changes", "match"),
        [
            ({"weights": None}, "no array called weights"),
            ({"biases": None}, "no array called biases"),
            ({"weights": WEIGHTS[0]}, r"weights must be \(n, m\)"),
            ({"weights": WEIGHTS[None]}, r"weights must be \(n, m\)"),
            ({"weights": np.zeros((0, 3), np.float32)}, r"weights must be \(n, m\)"),
            ({"weights": WEIGHTS.astype(int)}, "floating-point"),
            ({"weights": WEIGHTS.astype(complex)}, "not a numeric array"),
            ({"weights": WEIGHTS.astype(str)}, "not a numeric array"),
            ({"weights": np.zeros((4, 3), "f4,f4")}, "not a numeric array"),
            ({"weights": np.asfortranarray(WEIGHTS)}, "Fortran"),
            ({"weights": np.full((4, 3), np.nan, np.float32)}, "weights holds NaN"),
            ({"weights": np.where(WEIGHTS > 0.5, np.inf, WEIGHTS)}, "weights holds NaN"),
            ({"weights": np.full((4, 3), 1e300)}, "weights holds NaN or infinity"),
            ({"biases": np.full((1, 3), np.nan, np.float32)}, "biases holds NaN"),
            ({"biases": np.zeros((1, 4), np.float32)}, "biases must have the shape"),
            ({"biases": np.zeros((2, 3), np.float32)}, "biases must have the shape"),
            ({"mask": np.full((4, 3), 0.5, np.float32)}, "other values than 0 and 1"),
            ({"mask": np.full((1, 1), -1, np.int8)}, "other values than 0 and 1"),
            ({"mask": np.full((1, 1), np.nan, np.float32)}, "mask holds NaN"),
            ({"mask": np.ones((3, 4), np.float32)}, "mask must have the shape"),
            ({"mask": np.ones((1, 4, 3), np.float32)}, "mask must have the shape"),
            ({"gate": np.ones((2, 4), np.float32)}, r"gate must be \(B, 3\)"),
            ({"gate": np.ones((1, 2, 3), np.float32)}, r"gate must be \(B, 3\)"),
            ({"gate": np.ones((4097, 3), np.uint8)}, "gate must be .* 1 to 4096"),
            ({"gate": np.ones((0, 3), np.float32)}, "gate must be .* 1 to 4096"),
            ({"gate": np.full((2, 3), np.nan, np.float32)}, "gate holds NaN"),
            ({"gate": np.ones((2, 3), str)}, "not a numeric array"),
        ],
    )
    def test_a_wrong_array(self, changes, match):
        refused(packed(theirs(**changes)), match)

    def test_our_own_checkpoint_is_told_apart(self, tmp_path):
        refused(active().save(tmp_path).read_bytes(), "checkpoint of this program")

    @pytest.mark.parametrize(
        ("content", "match"),
        [
            (b"", "truncated"),
            (b"weights", "truncated"),
            (npy(WEIGHTS), "truncated"),
            (pickle.dumps(theirs()), "truncated"),
            (b"PK\x05\x06" + bytes(18), "no array called weights"),
            (zipped({"../weights.npy": npy(WEIGHTS)}), "unexpected member"),
            (zipped({"weights.npy": b"", "biases.npy": b""}), "damaged"),
            (zipped({"weights.npy": npy(WEIGHTS)[:40], "biases.npy": b""}), "damaged"),
        ],
    )
    def test_other_bytes(self, content, match):
        refused(content, match)

    @pytest.mark.parametrize("name", ["weights", "biases", "mask", "gate"])
    def test_pickles_are_never_opened(self, tmp_path, name):
        trace = tmp_path / "trace"
        refused(packed(theirs(**{name: np.array([[Bomb(trace)]], object)})), "pickled objects")
        assert not trace.exists()

    def test_more_units_or_bytes_than_allowed(self):
        content = packed(theirs())
        assert read(content, max_units=4).weights.shape == (4, 3)
        refused(content, "1 to 3 units", max_units=3)
        wide = packed(theirs(inputs=np.zeros((2**20, 2))))
        assert read(wide, max_bytes=2**25).weights.shape == (4, 3)
        refused(wide, "at most", max_bytes=2**22)

    @pytest.mark.parametrize("shape", [(2**13, 2**13), (2**40, 2**40), (2**62, 4), (-4, -3)])
    def test_a_header_that_claims_what_it_likes(self, shape):
        header = io.BytesIO()
        content = {"descr": "<f4", "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(header, content)
        members = {"weights.npy": header.getvalue() + bytes(48), "biases.npy": npy(np.float32(0))}
        refused(zipped(members), r"weights must be \(n, m\)")
        refused(zipped(members), r"weights (takes|must be)", max_units=2**63)

    def test_a_bomb_does_not_expand(self):
        members = {f"{name}.npy": npy(x) for name, x in theirs().items()}
        members["weights.npy"] = npy(np.zeros((2**13, 2**12), np.float32))
        bomb = zipped(members)
        assert len(bomb) < 2**20
        del members
        for limits, match in (
            ({}, "1 to 4096 units"),
            ({"max_bytes": 2**24}, "too much"),
        ):
            asked = partial(refused, bomb, match, **limits)
            assert peak_of(asked) < 2**22

    def test_a_gate_of_any_size_does_not_expand(self):
        members = {f"{name}.npy": npy(x) for name, x in theirs().items()}
        members["gate.npy"] = npy(np.ones(2**26 - 2**12, np.uint8))
        bomb = zipped(members)
        assert len(bomb) < 2**17
        del members
        assert peak_of(lambda: refused(bomb, "gate must be", max_bytes=2**26)) < 2**22

    @pytest.mark.parametrize("after", [0, 5])
    def test_a_disk_with_a_fault_is_a_damaged_file(self, after):
        class Faulty(io.BytesIO):
            reads = 0

            def read(self, size: int | None = -1, /) -> bytes:
                self.reads += 1
                if self.reads > after:
                    raise OSError(5, "Input/output error")
                return super().read(size)

        with pytest.raises(CheckpointError, match=r"no synapse of ngc-learn: .*damaged") as caught:
            import_folder_npz(Faulty(CONTENT))
        assert isinstance(caught.value.__cause__, OSError)


CONTENT = packed(theirs(mask=MASK, biases=np.full((1, 3), 0.5, np.float32)))
FOUND = read(CONTENT)


def told(found: Imported) -> list:
    return [found.weights.tolist(), found.biases.tolist(), found.mask.tolist(), found.has_bias]


def reads_well_or_refuses(content: bytes) -> None:
    """Whatever it is, there is no other error, and nothing that a synapse could not take."""
    try:
        found = read(content, max_units=8, max_bytes=2**16)
    except CheckpointError:
        return
    n, m = found.weights.shape
    assert max(n, m) <= 8
    assert found.biases.shape == (1, m)
    assert found.mask.shape in ((1, 1), (n, m))
    assert np.isin(found.mask, (0, 1)).all()
    assert np.isfinite(found.weights).all()
    assert np.isfinite(found.biases).all()


@given(size=st.integers(0, len(CONTENT) - 1))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_truncation_is_refused(size):
    refused(CONTENT[:size])


@given(content=flipped(CONTENT))
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_flipped_bytes_are_read_well_or_refused(content):
    reads_well_or_refuses(content)


@given(position=st.integers(0, WEIGHTS.nbytes - 1), flip=st.integers(1, 255))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_a_flipped_byte_of_the_weights_is_seen(position, flip):
    content = bytearray(CONTENT)
    content[CONTENT.index(WEIGHTS.tobytes()) + position] ^= flip
    refused(bytes(content), "CRC")


@given(content=spliced(CONTENT))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_inserted_and_removed_bytes_are_read_well_or_refused(content):
    reads_well_or_refuses(content)


@given(content=st.binary(max_size=400))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_arbitrary_bytes_are_refused(content):
    refused(content)


def test_the_whole_file_of_these_tests_is_read():
    np.testing.assert_array_equal(FOUND.weights, WEIGHTS * MASK)
    assert told(read(CONTENT)) == told(FOUND)
