"""Runs on file: what is saved is what is opened, and it goes on to the bit."""

from __future__ import annotations

import io
import os
from dataclasses import replace

import jax
import numpy as np
import pytest

from hebb_core.run.engine import Engine, Network
from hebb_core.run.metrics import METRICS
from hebb_core.run.setup import Setup
from hebb_core.signals.patterns import pattern_bank
from hebb_core.storage.checkpoint import CheckpointError
from hebb_core.storage.run_file import SavedRun, read_run, write_run
from hebb_core.storage.run_header import MAX_BATCH, MAX_OWN

from ..saved_runs import (
    NETWORK,
    SETUP,
    TWIN,
    identical,
    reopened,
    run_of,
    saved_of,
    settings_of,
)


class TestGoingOn:
    @pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
    def test_is_what_the_run_itself_would_have_done(self, optim_type):
        setup = replace(SETUP, optim_type=optim_type)
        engine, history = run_of(setup, frames=3)
        saved = reopened(saved_of(setup, engine, history))
        identical(saved.state, engine.state)
        other = Engine(batch_size=saved.setup.batch_size)
        other.resume(saved.state, saved.setup.network, saved.setup.optim_type)
        ours, theirs = (
            e.run(s, 20)
            for e, s in (
                (other, saved.setup.settings()),
                (engine, setup.settings()),
            )
        )
        identical(other.state, engine.state)
        np.testing.assert_array_equal(ours.record, theirs.record)
        assert np.any(np.asarray(engine.state.synapse.biases))
        assert (np.asarray(engine.state.synapse.mask) == 0).any()

    def test_twins_go_on_as_twins(self):
        engine, history = run_of(SETUP, TWIN)
        saved = reopened(saved_of(SETUP, engine, history, twin=TWIN))
        assert saved.twin == TWIN
        other = Engine(batch_size=2)
        other.resume(saved.state, saved.setup.network, "sgd", saved.twin.optim_type)
        other.run(settings_of(saved.setup, saved.twin), 20)
        engine.run(settings_of(SETUP, TWIN), 20)
        identical(other.state, engine.state)

    def test_a_whole_network_has_no_mask_to_speak_of(self):
        setup = replace(SETUP, network=replace(NETWORK, p_conn=1.0))
        saved = reopened(SavedRun(setup, Engine(setup.network).snapshot()))
        assert saved.state.synapse.mask.shape == (1, 1)
        assert saved.frames == ()

    def test_opening_compiles_nothing_new(self, compilations):
        engine, history = run_of(SETUP)
        saved = reopened(saved_of(SETUP, engine, history))
        engine.resume(saved.state, saved.setup.network, "sgd")
        engine.run(saved.setup.settings(), 1)
        del compilations[:]
        saved = reopened(saved_of(SETUP, engine, history))
        engine.resume(saved.state, saved.setup.network, "sgd")
        engine.run(saved.setup.settings(), 1)
        assert not compilations


class TestWhatComesBack:
    def test_setup_notes_and_own_arrays(self):
        setup = replace(
            SETUP,
            prior="elastic_net",
            prior_lambda=0.1,
            l1_ratio=0.25,
            circuit="softmax",
            circuit_values={"temperature": np.float32(0.3)},
            is_nonnegative=True,
            resist_scale=0.1,
            network=replace(NETWORK, weight_init=("gaussian", 0.1, 0.2), seed=2**32 - 1),
        )
        traces = np.array([[1.5, np.nan], [0.1, -2.0]], np.float32)
        notes = {"controls": {"eta": 0.1}, "marks": [[3, ["eta"]]], "none": None, "ü": "“é”"}
        engine = Engine(setup.network, batch_size=2)
        arrays = {"traces": traces, "steps": np.arange(3), "none": np.zeros((0, 7))}
        saved = reopened(SavedRun(setup, engine.snapshot(), notes=notes, arrays=arrays))
        assert saved.setup == replace(setup, circuit_values={"temperature": float(np.float32(0.3))})
        identical(saved.setup.settings(), setup.settings())
        assert saved.notes == notes
        for name, array in arrays.items():
            np.testing.assert_array_equal(saved.arrays[name], array)
            assert saved.arrays[name].dtype == array.dtype

    def test_what_was_drawn(self):
        random = np.random.default_rng(0)
        bank = pattern_bank(random.normal(size=(3, 6)), random.random((3, 4)))
        setup, twin = (
            replace(one, pattern="drawn", bank=bank, pattern_values={}) for one in (SETUP, TWIN)
        )
        engine, _ = run_of(setup, twin)
        saved = reopened(SavedRun(setup, engine.snapshot(), twin))
        identical(saved.setup.bank, bank)
        assert saved.twin.bank is saved.setup.bank
        before = engine.snapshot()
        engine.run(settings_of(setup, twin), 5)
        other = Engine(batch_size=2)
        other.resume(saved.state, saved.setup.network, "sgd", "adam")
        identical(other.state, before)
        other.run(settings_of(saved.setup, saved.twin), 5)
        identical(other.state, engine.state)


class TestTheFile:
    def test_paths_and_open_files_hold_the_same(self, tmp_path):
        engine, history = run_of(SETUP)
        saved, stream = saved_of(SETUP, engine, history), io.BytesIO()
        write_run(stream, saved)
        path = tmp_path / "new" / "run.npz"
        write_run(path, saved)
        assert path.read_bytes() == stream.getvalue()
        identical(read_run(path).state, read_run(stream).state)
        assert os.listdir(path.parent) == ["run.npz"]

    def test_it_is_smaller_when_compressed(self):
        saved = SavedRun(
            replace(SETUP, network=Network(64, 64, weight_init=("constant", 0.5))),
            Engine(Network(64, 64, weight_init=("constant", 0.5))).snapshot(),
        )
        sizes = []
        for compressed in (True, False):
            stream = io.BytesIO()
            write_run(stream, saved, compressed=compressed)
            identical(read_run(stream).state, saved.state)
            sizes.append(len(stream.getvalue()))
        assert sizes[0] < sizes[1] / 2

    def test_numpy_reads_it_without_pickle(self, tmp_path):
        engine, history = run_of(SETUP, frames=2)
        write_run(tmp_path / "run.npz", saved_of(SETUP, engine, history))
        with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
            assert file["frames.weights"].shape == (3, 6, 4)
            assert file["frames.record"].shape == (4, len(METRICS))
            np.testing.assert_array_equal(file["weights"], engine.state.synapse.weights)


def endless(table: dict) -> dict:
    table["itself"] = table
    return table


def nested(levels: int) -> list:
    inner: list = []
    for _ in range(levels):
        inner = [inner]
    return inner


class TestRefusedAtWriting:
    @pytest.mark.parametrize(
        ("change", "match"),
        [
            (lambda s: replace(s, setup=replace(s.setup, optim_type="adam")), "opt.1"),
            (lambda s: replace(s, setup=replace(s.setup, network=Network(6, 5))), "not"),
            (lambda s: replace(s, setup=replace(s.setup, network=Network(6, 4))), "mask"),
            (lambda s: replace(s, setup=replace(s.setup, eta=float("nan"))), "eta"),
            (lambda s: replace(s, setup=replace(s.setup, w_bound=-1.0)), "w_bound"),
            (lambda s: replace(s, twin=TWIN), "state.twin"),
            (lambda s: replace(s, notes={"x": object()}), "cannot be saved"),
            (lambda s: replace(s, notes={"x": float("inf")}), "cannot be saved"),
            (lambda s: replace(s, notes=[]), "notes must be a dict"),
            (lambda s: replace(s, notes={"x": {1: 2}}), "names must be strings, got 1"),
            (lambda s: replace(s, notes=endless({})), "notes contain themselves"),
            (lambda s: replace(s, notes={"x": nested(3000)}), "notes contain themselves"),
            (lambda s: replace(s, setup=replace(s.setup, batch_size=MAX_BATCH + 1)), "batch_size"),
            (lambda s: replace(s, setup=replace(s.setup, network=Network(5000, 4))), "n_pre must"),
            (
                lambda s: replace(s, state=replace(s.state, key=jax.random.key(0, impl="rbg"))),
                "key",
            ),
            (lambda s: replace(s, arrays={"a": np.zeros((1,) * 9)}), "at most 8 axes"),
            (lambda s: replace(s, arrays={"a" * 61: np.zeros(1)}), "60 letters at most, got 61"),
            (lambda s: replace(s, arrays={3: np.zeros(1)}), "must be strings, got 3"),
            (lambda s: replace(s, arrays={"a": np.array(["text"])}), "a must be one of float32"),
            (lambda s: replace(s, arrays={"a": np.array([None])}), "a must be one of float32"),
            (lambda s: replace(s, arrays={"a": np.array([np.inf])}), "own.a holds NaN or infinity"),
            (lambda s: replace(s, arrays={"../a": np.zeros(1)}), "cannot name"),
            (lambda s: replace(s, arrays={f"a{i}": np.zeros(1) for i in range(MAX_OWN + 1)}), "33"),
        ],
    )
    def test_what_could_not_be_opened(self, tmp_path, change, match):
        saved = SavedRun(SETUP, Engine(NETWORK).snapshot())
        write_run(tmp_path / "run.npz", saved)
        before = (tmp_path / "run.npz").read_bytes()
        with pytest.raises(CheckpointError, match=match):
            write_run(tmp_path / "run.npz", change(saved))
        assert (tmp_path / "run.npz").read_bytes() == before
        stream = io.BytesIO()
        with pytest.raises(CheckpointError, match=match):
            write_run(stream, change(saved))
        assert not stream.getvalue()

    def test_weights_from_a_function(self):
        network = Network(6, 4, weight_init=lambda shape, key: np.zeros(shape))
        with pytest.raises(CheckpointError, match="weight_init is a function"):
            write_run(io.BytesIO(), SavedRun(Setup(network=network), Engine(network).snapshot()))

    def test_weights_that_are_not_finite(self):
        state = Engine(NETWORK).snapshot()
        synapse = replace(state.synapse, biases=np.full((1, 4), np.nan, np.float32))
        with pytest.raises(CheckpointError, match="biases holds NaN"):
            write_run(io.BytesIO(), SavedRun(SETUP, replace(state, synapse=synapse)))

    def test_twins_that_do_not_live_through_the_same(self):
        state = Engine(NETWORK, twin="adam").snapshot()
        bank = pattern_bank(np.ones((2, 6)), np.ones((2, 4)))
        for change in (
            {"batch_size": 5},
            {"circuit": "linear"},
            {"network": Network(6, 4)},
            {"bank": bank},
        ):
            with pytest.raises(CheckpointError, match=f"differ in {next(iter(change))}"):
                write_run(io.BytesIO(), SavedRun(SETUP, state, replace(TWIN, **change)))

    def test_an_optimiser_whose_moments_have_overflowed(self):
        setup = replace(SETUP, optim_type="adam", pre_wght=1e30)
        engine, history = run_of(setup, frames=2)
        assert np.isfinite(np.asarray(engine.state.synapse.weights)).all()
        with pytest.raises(CheckpointError, match="moments that the optimiser keeps have overflow"):
            write_run(io.BytesIO(), saved_of(setup, engine, history))

    def test_more_than_can_be_opened(self, monkeypatch):
        arrays = {"a": np.zeros(1000, np.uint8)}
        saved = SavedRun(SETUP, Engine(NETWORK).snapshot(), arrays=arrays)
        monkeypatch.setattr("hebb_core.storage.run_file.MAX_RUN_BYTES", 1000)
        with pytest.raises(CheckpointError, match="at most 1000 can be opened"):
            write_run(io.BytesIO(), saved)
