"""Runs that anyone may have written: each is refused in plain words, or is what was saved."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core.storage.checkpoint import CheckpointError
from hebb_core.storage.run_file import SavedRun, read_run
from hebb_core.storage.run_header import MAX_BATCH, MAX_FRAMES

from ..hostile import Bomb, flipped, members_of, npy, peak_of, spliced, zipped
from ..hostile_runs import METADATA, assert_refused, good_run, opened, retold
from ..saved_runs import bits


def everything(saved: SavedRun) -> list:
    """All that a file gives back, to the bit."""
    frames = [
        (
            kept.serial,
            bits(kept.state),
            *(
                (
                    bits(
                        (
                            f.weights,
                            f.previous,
                            f.biases,
                            f.pre,
                            f.post,
                            f.outputs,
                            f.target,
                            f.record,
                            f.hyper,
                        )
                    ),
                    f.step,
                    f.finite,
                    f.moved,
                    f.optim_type,
                )
                for f in (kept.frame, kept.frame.twin)
            ),
        )
        for kept in saved.frames
    ]
    return [saved.setup, saved.twin, bits(saved.state), frames, saved.notes, bits(saved.arrays)]


@pytest.fixture(scope="module")
def good() -> bytes:
    return good_run()


@pytest.fixture(scope="module")
def told(good) -> list:
    return everything(read_run(io.BytesIO(good)))


def assert_harmless(told: list, data: bytes) -> None:
    """Refused, or the same run."""
    saved = opened(data)
    assert saved is None or everything(saved) == told


class TestDamage:
    def test_every_truncation_is_refused(self, good):
        for end in range(len(good)):
            with pytest.raises(CheckpointError):
                read_run(io.BytesIO(good[:end]))

    @given(data=st.data())
    @settings(
        max_examples=250,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    def test_flipped_bytes(self, good, told, data):
        assert_harmless(told, data.draw(flipped(good)))

    @given(data=st.data())
    @settings(max_examples=100, deadline=None, derandomize=True)
    def test_inserted_and_removed_bytes(self, good, told, data):
        assert_harmless(told, data.draw(spliced(good)))

    @given(content=st.binary(max_size=400))
    @settings(max_examples=60, deadline=None, derandomize=True)
    def test_any_bytes(self, content):
        assert_refused(content)

    def test_paths_are_named(self, tmp_path, good):
        path = tmp_path / "run.npz"
        path.write_bytes(good[:-1])
        with pytest.raises(CheckpointError, match=r"run\.npz.*truncated"):
            read_run(path)
        with pytest.raises(FileNotFoundError):
            read_run(tmp_path / "none.npz")


class TestArrays:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda x: x[None],
            lambda x: np.full((2, 3, 5), 1, x.dtype),
            lambda x: x.astype(np.complex64),
            lambda x: x.astype(np.float64),
            lambda x: x.astype(x.dtype.newbyteorder(">")),
            lambda x: np.asarray(x, "S8"),
        ],
    )
    def test_of_another_shape_or_type(self, good, spoil):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA}):
            array = np.load(io.BytesIO(members[name]))
            if spoil(array).dtype == array.dtype == np.uint8 and spoil(array).shape == array.shape:
                continue  # a byte has no order
            assert_refused(zipped({**members, name: npy(spoil(array))}))

    def test_filled_with_what_no_run_holds(self, good):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA, "key.npy", "own.traces.npy"}):
            array = np.load(io.BytesIO(members[name]))
            worst = {"f": (np.nan, np.inf, -np.inf), "i": (-1,), "u": (2, 255)}[array.dtype.kind]
            for value in worst:
                assert_refused(zipped({**members, name: npy(np.full_like(array, value))}))

    @pytest.mark.parametrize(
        ("name", "value", "match"),
        [
            ("weights", np.nan, "weights holds NaN"),
            ("twin.biases", np.inf, "biases holds NaN"),
            ("weights", 1.0, "weights are set where the mask has no connection"),
            ("frames.weights", 1.0, "weights are set where"),
            ("frames.twin.previous.weights", 1.0, "weights are set where"),
            ("mask", 0.5, "mask holds other values"),
            ("step", -1, "step must be 0 or more"),
            ("opt.0", -1, "fewer than 0 steps"),
            ("twin.opt.3", -1.0, "mean of squares below 0"),
            ("frames.twin.opt.3", -1.0, "mean of squares below 0"),
            ("frames.record", np.nan, "frames.record holds NaN"),
            ("frames.serial", 5, "frames.serial must rise"),
            ("frames.serial", [-1, 0, 1, 2], "frames.serial must rise"),
            ("frames.step", [0, 1, 3, 2], "frames.step must not fall"),
            ("frames.step", -1, "frames.step must not"),
            ("frames.lengths", 3, "frames.lengths must be"),
            ("frames.lengths", [8, 1, -1, -1], "frames.lengths must be"),
            ("frames.moved", 2, "must be 0 or 1"),
            ("frames.hyper", -1.0, "hyperparameters out of range"),
            ("frames.twin.hyper", 0.5, "hyperparameters out of range"),
            ("own.traces", np.inf, "own.traces holds"),
        ],
    )
    def test_that_cannot_be_true(self, good, name, value, match):
        members = members_of(good)
        array = np.load(io.BytesIO(members[f"{name}.npy"]))
        array = np.broadcast_to(np.asarray(value, array.dtype), array.shape).copy()
        assert_refused(zipped({**members, f"{name}.npy": npy(array)}), match)

    def test_missing_additional_and_unusual_ones(self, good):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA}):
            rest = {other: data for other, data in members.items() if other != name}
            assert_refused(zipped(rest), "lacks the arrays")
        for name in ("extra.npy", "code.py", "../weights.npy", "/weights.npy", "twin/weights.npy"):
            assert_refused(zipped({**members, name: members["mask.npy"]}), "extra|unexpected")
        assert_refused(zipped(members, zipfile.ZIP_BZIP2), "compressed by another method")

    def test_pickles_are_never_opened(self, tmp_path, good):
        trace, members = tmp_path / "trace", members_of(good)
        assert_refused(pickle.dumps(Bomb(trace)), "truncated")
        hostile = npy(np.array([[Bomb(trace)] * 4] * 6, object), allow_pickle=True)
        for name in sorted(members):
            assert_refused(zipped({**members, name: hostile}))
        for size in (96, 4096):
            # Padded to the size of what should be there.
            padded = hostile + bytes(max(len(members["weights.npy"]) - len(hostile), 0) + size)
            assert_refused(zipped({**members, "weights.npy": padded}))
        assert not trace.exists()


class TestSize:
    def test_limits_are_the_callers(self, good):
        assert_refused(good, r"n_pre must be in \[1, 5\]", max_units=5)
        size = 2**22
        big = retold(good, lambda d: d["content"].update(own={"traces": [[size], "uint8"]}))
        data = zipped({**members_of(big), "own.traces.npy": npy(np.zeros(size, np.uint8))})
        assert_refused(data, "arrays of 4[0-9]* bytes are too much", max_bytes=size // 4)
        assert read_run(io.BytesIO(data), max_units=6, max_bytes=2 * size).notes

    @pytest.mark.parametrize("name", ["weights", "frames.weights", "own.traces", "metadata"])
    def test_bombs_do_not_expand(self, good, name):
        bomb = npy(np.zeros(2**26, np.uint8))
        data = zipped({**members_of(good), f"{name}.npy": bomb})
        del bomb
        assert len(data) < 2**18
        assert peak_of(lambda: assert_refused(data)) < 2**22
        assert peak_of(lambda: assert_refused(data, "too much|at most", max_bytes=2**20)) < 2**22

    def test_shapes_that_are_only_declared_take_no_memory(self, good):
        def edit(document):
            content = document["content"]
            for which in ("setup", "twin"):
                content[which]["network"].update(n_pre=4096, n_post=4096)
            content["frames"].update(count=MAX_FRAMES, batch_size=MAX_BATCH)

        data = retold(good, edit)
        assert peak_of(lambda: assert_refused(data, "takes")) < 2**22
