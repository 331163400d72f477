"""Checkpoints: what is saved is what is loaded, and a file is written whole or not at all."""

from __future__ import annotations

import json
import os

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core import HebbianSynapse
from hebb_core.storage.checkpoint import (
    FORMAT_VERSION,
    ArraySpec,
    CheckpointError,
    write_checkpoint,
)

from ..saved import active, assert_refused, drive, everything, read


class TestRoundTrip:
    @pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
    @pytest.mark.parametrize("bias_init", [None, ("gaussian", 0.0, 0.1)])
    def test_the_next_hundred_steps_are_bit_equal(self, tmp_path, optim_type, bias_init):
        saved = active(
            optim_type=optim_type,
            bias_init=bias_init,
            prior=("L1L2", (0.1, 0.3)),
            sign_value=-0.7,
            w_bound=1.3,
            is_nonnegative=True,
            resist_scale=0.3,
            p_conn=0.6,
        )
        assert saved.save(tmp_path / "new" / "folder") == tmp_path / "new" / "folder" / "W.npz"
        loaded = HebbianSynapse(
            "W", (3, 2), batch_size=4, optim_type=optim_type, bias_init=bias_init, key=99
        )
        loaded.load(tmp_path / "new" / "folder")
        assert everything(loaded) == everything(saved)
        for _ in range(100):
            drive(saved, np.random.default_rng(1), 1)
            drive(loaded, np.random.default_rng(1), 1)
            assert everything(loaded) == everything(saved)

    def test_absent_connections_stay_absent(self, tmp_path):
        active(p_conn=0.4).save(tmp_path)
        loaded = active(seed=3)
        loaded.load(tmp_path)
        assert loaded.p_conn == 0.4
        absent = np.asarray(loaded.mask.get()) == 0
        assert absent.any()
        drive(loaded, np.random.default_rng(0), 5)
        assert (np.asarray(loaded.weights.get())[absent] == 0).all()

    @pytest.mark.parametrize("key", [jax.random.key(3, impl="rbg"), jax.random.PRNGKey(3)])
    def test_keys_of_any_kind(self, tmp_path, key):
        saved = active()
        saved.key.set(key)
        saved.save(tmp_path)
        loaded = active(seed=1)
        loaded.load(tmp_path)
        assert jax.random.key_impl(loaded.key.get()) == jax.random.key_impl(saved.key.get())
        assert everything(loaded) == everything(saved)

    def test_loading_compiles_nothing_new(self, tmp_path, compilations):
        saved = active()
        saved.save(tmp_path)
        saved.load(tmp_path)
        drive(saved, np.random.default_rng(0), 1)
        del compilations[:]
        saved.load(tmp_path)
        drive(saved, np.random.default_rng(0), 1)
        assert not compilations

    def test_equal_states_make_equal_files(self, tmp_path):
        first, second = active().save(tmp_path / "1"), active().save(tmp_path / "2")
        assert first.read_bytes() == second.read_bytes()

    def test_numpy_reads_it_without_pickle(self, tmp_path):
        saved = active()
        with np.load(saved.save(tmp_path), allow_pickle=False) as file:
            np.testing.assert_array_equal(file["weights"], saved.weights.get())
            document = json.loads(file["metadata"].tobytes())
        assert document["version"] == FORMAT_VERSION
        assert document["content"]["hyperparameters"]["eta"] == 0.05

    @given(
        arrays=st.dictionaries(
            st.from_regex(r"[a-z_][a-z0-9_.]{0,8}", fullmatch=True).filter(
                lambda name: name != "metadata"
            ),
            st.tuples(
                st.lists(st.integers(0, 4), max_size=3).map(tuple),
                st.sampled_from(["float32", "int32", "uint8", "bool", "float64"]),
            ),
            max_size=5,
        ),
        metadata=st.dictionaries(
            st.text(max_size=5),
            st.recursive(
                st.none()
                | st.booleans()
                | st.integers()
                | st.floats(allow_nan=False, allow_infinity=False)
                | st.text(max_size=5),
                lambda inner: st.lists(inner, max_size=3),
                max_leaves=5,
            ),
            max_size=4,
        ),
    )
    @settings(max_examples=60, deadline=None, derandomize=True)
    def test_anything_storable_comes_back(self, tmp_path_factory, arrays, metadata):
        path = tmp_path_factory.mktemp("any") / "run.npz"
        random = np.random.default_rng(0)
        stored = {
            name: (random.random(shape) * 9).astype(dtype)
            for name, (shape, dtype) in arrays.items()
        }
        specs = {name: ArraySpec(shape, dtype) for name, (shape, dtype) in arrays.items()}
        write_checkpoint(path, stored, metadata, kind="test")
        got = read(path, layout=lambda _: specs)
        assert got.metadata == metadata
        assert set(got.arrays) == set(stored)
        for name, array in stored.items():
            assert got.arrays[name].dtype == array.dtype
            np.testing.assert_array_equal(got.arrays[name], array)


class TestWriting:
    def test_a_failed_write_leaves_the_old_file_and_no_litter(self, tmp_path, monkeypatch):
        saved = active()
        path = saved.save(tmp_path)
        before = path.read_bytes()
        drive(saved, np.random.default_rng(0), 1)

        def fail(*_):
            raise OSError("disk full")

        for step in ("fsync", "replace"):
            with monkeypatch.context() as patched:
                patched.setattr(os, step, fail)
                with pytest.raises(OSError, match="disk full"):
                    saved.save(tmp_path)
            assert path.read_bytes() == before
            assert os.listdir(tmp_path) == ["W.npz"]

    def test_it_is_synced_before_it_takes_the_name(self, tmp_path, monkeypatch):
        events = []
        fsync, replace = os.fsync, os.replace
        monkeypatch.setattr(os, "fsync", lambda fd: (events.append("fsync"), fsync(fd)))
        monkeypatch.setattr(os, "replace", lambda a, b: (events.append("replace"), replace(a, b)))
        active().save(tmp_path)
        assert events[:2] == ["fsync", "replace"]

    def test_what_could_not_be_loaded_is_not_saved(self, tmp_path):
        made = active(eta=1e30, w_bound=0.0, prior=("l2", -1e30))
        drive(made, np.random.default_rng(0), 5)
        assert not np.isfinite(made.weights.get()).all()
        with pytest.raises(CheckpointError, match="NaN or infinity"):
            made.save(tmp_path)
        assert not os.listdir(tmp_path)

    @pytest.mark.parametrize(
        ("arrays", "metadata", "match"),
        [
            ({"a": np.array([object()])}, {}, "not a numeric array"),
            ({"a": np.array(["text"])}, {}, "not a numeric array"),
            ({"../a": np.zeros(1)}, {}, "cannot name"),
            ({"metadata": np.zeros(1)}, {}, "metadata"),
            ({f"a{i}": np.zeros(1) for i in range(300)}, {}, "300 arrays"),
            ({}, {"x": float("nan")}, "cannot be saved"),
            ({}, {"x": object()}, "cannot be saved"),
            ({}, {"x": "y" * 2**21}, "bytes of metadata"),
        ],
    )
    def test_what_does_not_fit_is_refused(self, tmp_path, arrays, metadata, match):
        with pytest.raises(CheckpointError, match=match):
            write_checkpoint(tmp_path / "x" / "run.npz", arrays, metadata, kind="test")
        assert not os.listdir(tmp_path)


class TestAnotherSynapse:
    @pytest.mark.parametrize(
        ("changes", "match"),
        [
            ({"batch_size": 2}, "batch_size is 4; here it is 2"),
            ({"optim_type": "adam"}, "optim_type is 'sgd'"),
            ({"bias_init": None}, "has_bias is True"),
        ],
    )
    def test_is_refused(self, tmp_path, changes, match):
        active().save(tmp_path)
        assert_refused(active(seed=1, **changes), tmp_path, match)

    def test_of_another_shape_is_refused(self, tmp_path):
        HebbianSynapse("W", (30, 20)).save(tmp_path)
        made = HebbianSynapse("W", (3, 2))
        assert_refused(made, tmp_path, r"shape is \[30, 20\]; here it is \(3, 2\)")

    def test_a_missing_file_is_not_found(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            active().load(tmp_path)

    def test_a_folder_or_a_pipe_is_refused(self, tmp_path):
        (tmp_path / "W.npz").mkdir()
        os.mkfifo(tmp_path / "V.npz")
        assert_refused(active(), tmp_path, "not a regular file")
        assert_refused(active("V"), tmp_path, "not a regular file")
