"""The average drive: that of a run's own patterns, told from one that is always the same."""

import jax
import numpy as np
import pytest

from hebb_core.analysis.drive import IMPOSED, mean_correlation, mean_drive, whole_cycles
from hebb_core.run.engine import Engine, Network
from hebb_core.signals.circuits import CIRCUITS, circuit_settings, respond

from ..runs import SHAPE, settings_of


@pytest.mark.parametrize("pattern", ["ring", "clusters", "correlated"])
@pytest.mark.parametrize("circuit", ["teacher", "independent"])
def test_the_run_s_own_signals_are_averaged(pattern, circuit):
    steps, batch = 7, 4
    chosen = settings_of(pattern, circuit, {"noise": 0.1}, pre_wght=0.5, post_wght=3.0)
    engine = Engine(Network(*SHAPE, seed=5), batch_size=batch)
    frames = [engine.run(chosen, 1) for _ in range(steps)]
    drives = [1.5 * f.pre.T @ f.post for f in frames]
    drive = mean_drive(chosen, SHAPE, batch, 5, steps)
    np.testing.assert_allclose(drive.mean, np.mean(drives, 0), rtol=1e-4, atol=1e-5)
    assert not drive.is_constant
    assert drive.peak >= np.abs(drives).max() * (1 - 1e-5)
    correlation = mean_correlation(chosen, SHAPE, batch, 5, steps)
    expected = np.mean([f.pre.T @ f.pre for f in frames], 0)
    np.testing.assert_allclose(correlation.mean, expected, rtol=1e-4, atol=1e-5)


def test_many_steps_at_once_or_few_make_the_same_average():
    chosen = settings_of("clusters", pattern_values={"noise": 0.2})
    engine = Engine(Network(*SHAPE), batch_size=4)
    products = []
    for _ in range(300):
        frame = engine.run(chosen, 1)
        products.append(frame.pre.T @ frame.post)
    drive = mean_drive(chosen, SHAPE, 4, 0, 300)
    np.testing.assert_allclose(drive.mean, np.mean(products, 0), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("pattern", "values", "batch", "constant"),
    [
        ("ring", {"speed": 0}, 1, True),
        ("ring", {"speed": 0}, 4, True),
        ("ring", {"speed": 1}, 1, False),
        ("ring", {"speed": 0, "noise": 0.01}, 1, False),
        ("ring", {"speed": 250}, 4, True),  # each step goes once around
        ("one_hot", {}, 4, False),
        ("clusters", {"prototypes": 1, "flip": 0.0}, 4, True),
        ("clusters", {"prototypes": 1, "flip": 0.01}, 4, False),
        ("paired_associates", {"pairs": 1}, 4, True),
        ("random_binary", {"sparsity": 1.0}, 1, True),
    ],
)
def test_a_constant_drive_is_told_from_an_average(pattern, values, batch, constant):
    drive = mean_drive(settings_of(pattern, pattern_values=values), SHAPE, batch, 0)
    assert drive.is_constant is constant


def test_batch_of_one_has_its_peak_exactly():
    drive = mean_drive(settings_of(pattern_values={"speed": 5}), SHAPE, 1, 0)
    assert drive.peak == pytest.approx(1.0, abs=1e-5)


def test_a_sweep_is_averaged_over_whole_cycles():
    chosen = settings_of("one_hot", pattern_values={"stride": 5})
    steps = whole_cycles(chosen, 12)
    assert steps % 12 == 0
    drive = mean_drive(chosen, SHAPE, 1, 0, steps)
    np.testing.assert_allclose(drive.mean, np.eye(12, 16) / 12, rtol=1e-5, atol=1e-8)


def test_no_setting_compiles_anything(compilations):
    mean_drive(settings_of(), SHAPE, 4, 0)
    # Keys and their like are compiled once, whatever they are for.
    before = len(compilations)
    for pattern in ("letters", "gratings"):
        mean_drive(settings_of(pattern, "independent", w_bound=0.0), SHAPE, 4, 3, 50)
    assert len(compilations) == before


def test_imposed_are_the_circuits_whose_post_does_not_depend_on_w():
    answer = jax.jit(respond)
    rng = np.random.default_rng(0)
    one, other, target, circuit_noise = rng.random((4, 3, 5)).astype(np.float32)
    for name in CIRCUITS:
        chosen = circuit_settings(name)
        same = np.array_equal(
            answer(chosen, one, target, circuit_noise),
            answer(chosen, other - 0.5, target, circuit_noise),
        )
        assert same is (name in IMPOSED)
        if not same:
            with pytest.raises(ValueError, match="does not depend on W"):
                mean_drive(settings_of(circuit=name), SHAPE, 1, 0)
