"""Sweeps: the numbers of each cell run alone, labelled, whatever runs them and however it is cut."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.analysis.regime import REGIMES, classify
from hebb_core.run.engine import Engine, Network, build
from hebb_core.run.metrics import METRICS
from hebb_core.run.setup import Setup, sweepable
from hebb_core.storage.checkpoint import CheckpointError
from hebb_core.sweep import (
    OUTCOMES,
    Axis,
    Plan,
    SweepCancelled,
    SweepResult,
    coarse_to_fine,
    sweep,
)

from ..runs import SMALL

# What an axis varies is compiled once; another pattern, circuit, optimiser or thousand of steps is not.
SETUP = Setup(
    network=SMALL,
    prior="l2",
    prior_lambda=0.02,
    pattern="clusters",
    pattern_values={"noise": 0.1},
    batch_size=2,
)
ETA_BOUND = (Axis.log("eta", 1e-3, 0.3, 4), Axis.linear("w_bound", 0.0, 1.5, 3))


def plan_of(*axes, steps=60, seeds=(0, 5), **setup):
    return Plan(replace(SETUP, **setup), axes or ETA_BOUND, steps, seeds)


def alone(plan, cell, seed):
    """One cell run by the engine, call by call."""
    setup = plan.setup
    for axis, place in zip(plan.axes, cell, strict=True):
        setup = setup.at(axis.name, axis.values[place])
    engine = Engine(
        replace(setup.network, seed=seed), batch_size=setup.batch_size, optim_type=setup.optim_type
    )
    frames = [
        engine.run(setup.settings(), min(50, plan.steps - done))
        for done in range(0, plan.steps, 50)
    ]
    record = np.concatenate([frame.record for frame in frames])
    return frames[-1].weights, record, setup.w_bound


@pytest.mark.parametrize(
    ("axes", "optim_type"),
    [
        (ETA_BOUND, "sgd"),
        (ETA_BOUND, "adam"),
        (ETA_BOUND, "nag"),
        ((Axis("sign_value", (-1.0, 1.0)), Axis.log("prior_lambda", 1e-3, 0.1, 3)), "sgd"),
        ((Axis("noise", (0.0, 0.3)), Axis("prototypes", (2, 5))), "sgd"),
    ],
    ids=["sgd", "adam", "nag", "sign, prior", "pattern"],
)
def test_each_cell_is_the_run_of_its_settings_alone(axes, optim_type):
    plan = plan_of(*axes, optim_type=optim_type)
    result = sweep(plan)
    for cell in np.ndindex(plan.shape):
        for place, seed in enumerate(plan.seeds):
            weights, record, w_bound = alone(plan, cell, seed)
            told = {name: values[(*cell, place)] for name, values in result.outcomes.items()}
            for name in ("mean_abs", "saturated", "near_zero"):
                last = record[-1, METRICS[name].column]
                np.testing.assert_allclose(told[name], last, rtol=2e-4, atol=2e-5)
            match = record[-64:, METRICS["match"].column].mean()
            np.testing.assert_allclose(told["match"], match, rtol=2e-4, atol=2e-5)
            assert list(REGIMES)[int(told["regime"])] == classify(record, w_bound).name
            if place == 0:
                np.testing.assert_allclose(
                    result.weights[cell], np.asarray(weights), rtol=5e-4, atol=5e-5
                )


def test_the_elastic_net_is_swept_by_its_ratio():
    plan = plan_of(Axis("l1_ratio", (0.0, 1.0)), prior="elastic_net", prior_lambda=0.04)
    hyper = plan.at([0, 1]).hyper
    np.testing.assert_allclose(hyper.prior_l1, [0.0, 0.04])
    np.testing.assert_allclose(hyper.prior_l2, [0.02, 0.0])


@pytest.mark.parametrize("steps", [1, 255, 256, 257, 700])
def test_runs_longer_than_what_is_kept(steps):
    plan = plan_of(Axis("eta", (0.01,)), steps=steps)
    _, record, w_bound = alone(plan, (0,), 5)
    result = sweep(plan)
    np.testing.assert_allclose(result["mean_abs"][0, 1], record[-1, 0], rtol=1e-4)
    regime = classify(record[-256:], w_bound).name
    assert list(REGIMES)[int(result["regime"][0, 1])] == regime


def test_time_to_converge():
    # Without activity an L2 prior takes η·λ of each weight away: 2 % are left after ln 50 / ηλ.
    plan = plan_of(
        Axis("eta", (0.1, 0.2)), steps=600, prior="l2", prior_lambda=0.2, w_bound=0.0, pre_wght=0.0
    )
    expected = [np.log(50) / -np.log(1 - eta * 0.2) for eta in (0.1, 0.2)]
    np.testing.assert_allclose(sweep(plan)["settling"][:, 0], expected, atol=1.5)
    # Cut off in the middle of the way, it has not converged.
    assert np.isnan(sweep(replace(plan, steps=100))["settling"][0]).all()


def test_what_diverges_is_blank_and_says_so():
    plan = plan_of(
        Axis("eta", (1e-3, 5.0)), circuit="linear", w_bound=0.0, prior="constant", steps=400
    )
    result = sweep(plan)
    assert np.isfinite(result["mean_abs"][0]).all()
    assert np.isnan(result["mean_abs"][1]).all()
    assert np.isnan(result.weights[1]).all()
    assert (result["regime"][1] == list(REGIMES).index("diverging")).all()


def test_neither_threads_nor_memory_change_a_number():
    plan = plan_of(Axis.log("eta", 1e-3, 0.3, 30), Axis.linear("w_bound", 0.1, 1.5, 5))
    whole = sweep(plan)
    with ThreadPoolExecutor(3) as executor:
        threads = sweep(plan, executor=executor)
    # Loops of another width are another program, which may round the last bit in another way.
    little = sweep(plan, max_bytes=200_000)
    for name in OUTCOMES:
        np.testing.assert_array_equal(threads[name], whole[name])
        np.testing.assert_allclose(little[name], whole[name], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(threads.weights, whole.weights)
    np.testing.assert_allclose(little.weights, whole.weights, rtol=1e-5, atol=1e-6)
    with pytest.raises(ValueError, match="max_bytes"):
        sweep(plan, max_bytes=1000)


def test_progress_and_cancellation():
    plan, told = plan_of(Axis.log("eta", 1e-3, 0.3, 40)), []
    sweep(plan, max_bytes=200_000, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (40, 40)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) > 2
    for executor in (None, ThreadPoolExecutor(1)):
        begun = []
        with pytest.raises(SweepCancelled):
            sweep(
                plan,
                executor=executor,
                max_bytes=200_000,
                progress=lambda done, of, begun=begun: begun.append(done),
                cancelled=lambda begun=begun: len(begun) == 2,
            )
        assert len(begun) == 2
        if executor:
            executor.shutdown()


@pytest.mark.parametrize("shape", [(8, 8), (64, 64), (20,), (5, 33), (1, 1), (3, 9, 17)])
def test_a_coarse_grid_comes_first(shape):
    order = coarse_to_fine(shape)
    assert sorted(order) == list(range(np.prod(shape)))
    places = np.unravel_index(order, shape)
    strides = [max(1, 2 ** int(np.ceil(np.log2(size / 8)))) for size in shape]
    coarse = np.prod([-(-size // stride) for size, stride in zip(shape, strides, strict=True)])
    for place, stride in zip(places, strides, strict=True):
        assert (place[:coarse] % stride == 0).all()
    assert coarse <= 8 ** len(shape)


def test_the_result_is_labelled(tmp_path):
    plan = plan_of(seeds=(4, 9))
    result = sweep(plan)
    assert result.dims == ("eta", "w_bound", "seed")
    np.testing.assert_allclose(result.coords["w_bound"], [0.0, 0.75, 1.5])
    np.testing.assert_array_equal(result.coords["seed"], [4, 9])
    assert result["mean_abs"].shape == (4, 3, 2)
    labelled = result.to_xarray()
    assert labelled["mean_abs"].sel(w_bound=0.75, seed=9).shape == (4,)
    assert labelled["regime"].attrs["flag_meanings"].split() == list(REGIMES)

    again = SweepResult.load(result.save(tmp_path / "result.npz"))
    assert again.dims == result.dims
    for name in OUTCOMES:
        np.testing.assert_array_equal(again[name], result[name])
    np.testing.assert_array_equal(again.weights, result.weights)
    with np.load(tmp_path / "result.npz", allow_pickle=False) as plain:
        np.testing.assert_array_equal(plain["eta"], result.coords["eta"])


def test_a_damaged_result_is_refused(tmp_path):
    path = sweep(plan_of(steps=5)).save(tmp_path / "result.npz")
    whole = path.read_bytes()
    for damaged in (
        whole[:-30],
        b"",
        whole[:200] + whole[201:],
        whole.replace(b'"seed"', b'"dees"'),
    ):
        path.write_bytes(damaged)
        with pytest.raises(CheckpointError):
            SweepResult.load(path)


def test_large_weights_are_kept_small():
    # Nothing is learned, so that the weights are known without a run.
    plan = plan_of(Axis("eta", (0.0,)), network=Network(40, 33), steps=3)
    weights = np.asarray(build(plan.setup.network).synapse.weights)
    picture = sweep(plan).weights[0]
    assert picture.shape == (14, 11)
    for row, col in np.ndindex(picture.shape):
        block = weights[3 * row : 3 * row + 3, 3 * col : 3 * col + 3]
        assert picture[row, col] == np.max(block)


def test_what_can_be_swept_depends_on_pattern_and_circuit():
    assert "prototypes" in sweepable(SETUP)
    assert "width" in sweepable(replace(SETUP, pattern="ring"))
    assert "temperature" in sweepable(replace(SETUP, circuit="softmax"))
    assert "temperature" not in sweepable(SETUP)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: Axis("eta", ()), ValueError, "eta axis"),
        (lambda: Axis("eta", (0.1, np.nan)), ValueError, "eta axis"),
        (lambda: Axis("eta", ("fast",)), TypeError, "eta axis"),
        (lambda: Axis.log("eta", 0.0, 1.0, 4), ValueError, "above 0"),
        (lambda: Axis.linear("eta", 0.0, 1.0, 0), ValueError, "count"),
        (lambda: plan_of(Axis("speed", (1.0,))), ValueError, "speed"),
        (lambda: plan_of(Axis("temperature", (1.0,))), ValueError, "temperature"),
        (lambda: plan_of(Axis("w_bound", (1.0, -1.0))), ValueError, "w_bound"),
        (lambda: plan_of(Axis("l1_ratio", (2.0,)), prior="elastic_net"), ValueError, "l1_ratio"),
        (lambda: plan_of(ETA_BOUND[0], ETA_BOUND[0]), ValueError, "once"),
        (lambda: plan_of(steps=0), ValueError, "steps"),
        (lambda: plan_of(steps=10**6), ValueError, "steps"),
        (lambda: plan_of(seeds=()), ValueError, "seeds"),
        (lambda: plan_of(seeds=(-1,)), ValueError, "seed"),
        (lambda: plan_of(prior="l7"), ValueError, "prior"),
        (lambda: plan_of(optim_type="rmsprop"), ValueError, "optim_type"),
        (lambda: plan_of(network=Network(4, 4, weight_init=("bogus",))), ValueError, "weight_init"),
        (lambda: plan_of(prior_lambda="x", prior="constant"), TypeError, "prior_lambda"),
        (
            lambda: plan_of(
                *(Axis.linear(name, 0, 1, 200) for name in ("eta", "w_bound", "noise"))
            ),
            ValueError,
            "at most",
        ),
    ],
)
def test_bad_sweeps_are_refused_by_name(wrong, error, says):
    with pytest.raises(error, match=says):
        wrong()


def test_names_are_taken_in_any_case():
    plan = plan_of(prior="L2", optim_type="SGD", pattern="Clusters", circuit="TEACHER")
    assert plan == plan_of()


def test_cells_compile_once(compilations):
    sweep(plan_of(steps=30))
    before = len(compilations)
    sweep(
        plan_of(
            Axis.log("eta", 1e-2, 0.1, 4), Axis("pre_wght", (0.5, 2.0, 3.0)), steps=40, prior="l1"
        )
    )
    assert len(compilations) == before
