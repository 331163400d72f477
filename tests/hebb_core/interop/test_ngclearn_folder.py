"""To ngc-learn's folder and back, with ngc-learn itself on the other side."""

from __future__ import annotations

import io
import pickle
import pickletools
from dataclasses import replace
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from hebb_core import CheckpointError, Engine, Frame, Network
from hebb_core.interop.ngclearn_folder import Crossing, export_folder
from hebb_core.interop.ngclearn_import import import_folder_npz
from hebb_core.run.engine import RunState, Settings

from ..runs import settings_of
from ..synapse.test_parity import TOLERANCE

OPTIMISERS = ("sgd", "adam", "nag")
SHAPE, BATCH = (6, 4), 2
KEPT = (
    "key",
    "inputs",
    "outputs",
    "weights",
    "mask",
    "biases",
    "gate",
    "input_delay_buffer",
    "delayed_inputs",
    "pre",
    "post",
    "dWeights",
    "dBiases",
)


def rule(**changes) -> Settings:
    """What the tests' runs obey: no Adam step is divided by a moment near zero."""
    values = {"pattern": "correlated", "circuit": "error", "pattern_values": {"noise": 0.1}}
    return settings_of(**{**values, "resist_scale": 0.5, "post_wght": 0.8, **changes})


# Runs lack some connections, all of them: whether they do selects the program that is compiled.
NETWORK = Network(*SHAPE, p_conn=0.7, seed=4)


def run(optim_type: str = "sgd", *, biased: bool = False) -> tuple[Engine, Settings, Frame]:
    engine = Engine(NETWORK, batch_size=BATCH, optim_type=optim_type)
    settings = rule(learn_bias=biased)
    return engine, settings, engine.run(settings, 7)


def exported(state: RunState, frame: Frame, name: str = "W") -> dict[str, bytes]:
    return export_folder(
        name,
        state.synapse,
        frame.optim_type,
        Crossing.of_frame(frame),
        has_bias=bool(frame.hyper.learn_bias),
        key=state.key,
    )


def unpack(directory: Path, files: dict[str, bytes]) -> None:
    directory.mkdir(exist_ok=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)


def their_synapse(oracle, optim_type: str = "sgd", *, biased: bool = False, **changes):
    """ngc-learn's synapse under the hyperparameters of :func:`rule`, and its process."""
    values = {
        "eta": 0.05,
        "prior": ("l2", 0.1),
        "sign_value": -1.0,
        "post_wght": 0.8,
        "g_conduct_factor": 0.5,
        "batch_size": BATCH,
        "optim_type": optim_type,
        "bias_init": (lambda shape, key: jnp.zeros(shape)) if biased else None,
        "key": jax.random.PRNGKey(1),
    }
    return oracle.build("W", SHAPE, runs=("advance_state", "evolve"), **{**values, **changes})


def members(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_ngclearn_loads_the_folder_and_learns_on_as_we_do(oracle, tmp_path, optim_type, biased):
    engine, settings, frame = run(optim_type, biased=biased)
    files = exported(engine.snapshot(), frame)
    unpack(tmp_path / "made", files)
    theirs, step = their_synapse(oracle, optim_type, biased=biased)
    theirs.load(str(tmp_path / "made"))
    held = members(files["W.npz"])
    for name in KEPT:
        np.testing.assert_array_equal(getattr(theirs, name).get(), held[name])
    np.testing.assert_array_equal(theirs.weights.get(), frame.weights)
    np.testing.assert_array_equal(theirs.pre.get(), frame.pre)
    np.testing.assert_array_equal(theirs.outputs.get(), frame.outputs)
    np.testing.assert_array_equal(theirs.dWeights.get(), frame.d_weights)
    for _ in range(5):
        frame = engine.run(settings)
        theirs.inputs.set(jnp.asarray(frame.pre))
        theirs.pre.set(jnp.asarray(frame.pre))
        theirs.post.set(jnp.asarray(frame.post))
        step(dt=1.0)
        for name, ours in (
            ("weights", frame.weights),
            ("outputs", frame.outputs),
            ("dWeights", frame.d_weights),
            ("biases", frame.biases),
            ("dBiases", Crossing.of_frame(frame).d_biases),
        ):
            reference = np.broadcast_to(np.asarray(getattr(theirs, name).get()), ours.shape)
            np.testing.assert_allclose(ours, reference, err_msg=name, **TOLERANCE)
    assert np.array_equal(np.asarray(frame.biases) != 0, np.full((1, SHAPE[1]), biased))


@pytest.mark.parametrize("biased", [False, True])
@pytest.mark.parametrize("optim_type", OPTIMISERS)
def test_the_files_are_laid_out_as_ngclearn_lays_out_its_own(oracle, tmp_path, optim_type, biased):
    engine, _, frame = run(optim_type, biased=biased)
    ours = exported(engine.snapshot(), frame)
    theirs, step = their_synapse(oracle, optim_type, biased=biased, mask=jnp.ones(SHAPE))
    step(dt=1.0)
    theirs.save(str(tmp_path))
    reference = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(ours) == set(reference)
    mine, other = members(ours["W.npz"]), members(reference["W.npz"])
    assert list(mine) == list(other) == list(KEPT)
    for name in KEPT:
        assert (mine[name].shape, mine[name].dtype) == (other[name].shape, other[name].dtype), name
    state, model = (pickle.loads(files["W_opt_params.pkl"]) for files in (ours, reference))
    assert jax.tree.structure(state) == jax.tree.structure(model)
    leaves = zip(jax.tree.leaves(state), jax.tree.leaves(model), strict=True)
    assert all((a.shape, a.dtype) == (b.shape, b.dtype) for a, b in leaves)


def test_the_pickle_needs_nothing_but_numpy():
    engine, _, frame = run("adam", biased=True)
    pickled = exported(engine.snapshot(), frame)["W_opt_params.pkl"]
    words = [argument for _, argument, _ in pickletools.genops(pickled)]
    modules = {word for word in words if isinstance(word, str) and ("." in word or word == "numpy")}
    assert modules == {"numpy", "numpy._core.multiarray"}


def test_a_synapse_that_has_not_lived_yet_is_exported(oracle, tmp_path):
    engine = Engine(Network(*SHAPE), batch_size=BATCH, optim_type="adam")
    state = engine.snapshot()
    silence = Crossing.silent(SHAPE, BATCH)
    unpack(
        tmp_path,
        export_folder("W", state.synapse, "adam", silence, has_bias=False, key=state.key),
    )
    theirs, _ = their_synapse(oracle, "adam")
    theirs.load(str(tmp_path))
    assert theirs.mask.get().shape == (1, 1)
    assert not theirs.pre.get().any()
    assert theirs.opt_params.get()[2] == 0
    np.testing.assert_array_equal(theirs.weights.get(), state.synapse.weights)


def test_a_bias_that_has_ceased_to_learn_is_not_exported():
    engine, settings, _ = run(biased=True)
    silent = replace(settings, hyper=replace(settings.hyper, learn_bias=np.float32(0)))
    frame = engine.run(silent)
    assert np.asarray(frame.biases).any()
    held = members(exported(engine.snapshot(), frame)["W.npz"])
    assert held["biases"].shape == ()
    assert held["biases"] == 0


def test_what_is_not_finite_is_not_exported():
    engine, _, frame = run()
    state = engine.snapshot()
    spoilt = replace(state.synapse, weights=state.synapse.weights.at[0, 0].set(jnp.nan))
    with pytest.raises(CheckpointError, match="cannot be exported: weights holds NaN"):
        exported(replace(state, synapse=spoilt), frame)


@pytest.mark.parametrize("name", ["", "a/b", "..", "a:b"])
def test_names_that_are_no_file_names_are_refused(name):
    engine, _, frame = run()
    with pytest.raises(ValueError, match="file name"):
        exported(engine.snapshot(), frame, name)


def test_equal_synapses_make_equal_files():
    engine, _, frame = run("adam")
    assert exported(engine.snapshot(), frame) == exported(engine.snapshot(), frame)


@pytest.mark.parametrize("biased", [False, True])
def test_what_we_export_is_imported_to_the_bit(biased):
    engine, _, frame = run("nag", biased=biased)
    state = engine.snapshot()
    found = import_folder_npz(io.BytesIO(exported(state, frame)["W.npz"]))
    assert found.mask.shape == SHAPE
    np.testing.assert_array_equal(found.weights, state.synapse.weights)
    np.testing.assert_array_equal(found.biases, state.synapse.biases)
    np.testing.assert_array_equal(found.mask, state.synapse.mask)
    assert found.has_bias is biased
    assert [note for note in found.notes if "optimiser starts afresh" in note]


@pytest.mark.parametrize("biased", [False, True])
def test_what_ngclearn_saves_is_imported(oracle, tmp_path, biased):
    mask = jnp.asarray(np.random.default_rng(0).random(SHAPE) < 0.5, jnp.float32)
    theirs, step = their_synapse(
        oracle,
        biased=biased,
        mask=mask,
        bias_init=(lambda shape, key: jnp.full(shape, 0.25)) if biased else None,
    )
    theirs.pre.set(jnp.ones((BATCH, SHAPE[0])))
    theirs.post.set(jnp.full((BATCH, SHAPE[1]), 0.5))
    step(dt=1.0)
    theirs.save(str(tmp_path))
    with (tmp_path / "W.npz").open("rb") as file:
        found = import_folder_npz(file)
    np.testing.assert_array_equal(found.weights, theirs.weights.get())
    np.testing.assert_array_equal(found.mask, mask)
    np.testing.assert_array_equal(found.biases, np.broadcast_to(theirs.biases.get(), (1, SHAPE[1])))
    assert found.biases.any() == found.has_bias == biased
    assert any("learn_bias" in note for note in found.notes) is biased


def test_a_run_goes_on_from_what_ngclearn_saved(oracle, tmp_path):
    engine = Engine(NETWORK, batch_size=BATCH, optim_type="adam")
    mask = jnp.copy(engine.state.synapse.mask)
    theirs, step = their_synapse(oracle, "adam", biased=True, mask=mask)
    theirs.save(str(tmp_path))
    with (tmp_path / "W.npz").open("rb") as file:
        found = import_folder_npz(file)
    assert any("mask has no connection" in note for note in found.notes)
    engine.resume(replace(engine.state, synapse=found.synapse("adam")), NETWORK, "adam")
    for _ in range(3):
        frame = engine.run(rule(learn_bias=True))
        theirs.inputs.set(jnp.asarray(frame.pre))
        theirs.pre.set(jnp.asarray(frame.pre))
        theirs.post.set(jnp.asarray(frame.post))
        step(dt=1.0)
        np.testing.assert_allclose(frame.weights, theirs.weights.get(), **TOLERANCE)
        np.testing.assert_allclose(frame.biases, theirs.biases.get(), **TOLERANCE)


def test_connections_that_p_conn_left_out_are_told_of(oracle, tmp_path):
    theirs, _ = their_synapse(oracle, p_conn=0.5)
    theirs.save(str(tmp_path))
    absent = int((np.asarray(theirs.weights.get()) == 0).sum())
    with (tmp_path / "W.npz").open("rb") as file:
        found = import_folder_npz(file)
    assert absent > 0
    assert found.mask.shape == (1, 1)
    assert [note for note in found.notes if f"{absent} weights are exactly 0" in note]


def test_gates_and_delays_are_told_of(oracle, tmp_path):
    theirs, _ = their_synapse(oracle, max_delay_steps=3)
    theirs.gate.set(jnp.zeros((BATCH, SHAPE[1])))
    theirs.save(str(tmp_path))
    with (tmp_path / "W.npz").open("rb") as file:
        notes = " ".join(import_folder_npz(file).notes)
    assert "gate" in notes
    assert "delays" in notes
