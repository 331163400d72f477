"""What a run is doing: real runs whose fate the rule predicts, and records made by hand."""

import numpy as np
import pytest

from hebb_core.analysis.regime import MIN_ROWS, REGIMES, classify, classify_all
from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import MAX_STEPS, Engine, Network, Settings
from hebb_core.run.metrics import METRICS
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings

WINDOW = 500
HELD_RING = ("ring", {"speed": 0})
DENSE = ("random_binary", {"sparsity": 1.0})
TEACHER = ("teacher", {})
LINEAR = ("linear", {})
ALL_FIRE = ("independent", {"activity": 1.0})
SILENT = ("independent", {"activity": 0.0})


def settings_of(pattern=("ring", {}), circuit=TEACHER, **hyper):
    hyper = {"eta": 0.05, "sign_value": -1.0, "w_bound": 1.0, "prior": ("l2", 0.05), **hyper}
    return Settings(
        hyperparameters(**hyper),
        pattern_settings(pattern[0], **pattern[1]),
        circuit_settings(circuit[0], **circuit[1]),
    )


def record_of(engine, chosen, steps):
    """The record of ``steps`` steps, in as many calls as they take."""
    parts = []
    while steps > 0:
        frame = engine.run(chosen, min(steps, MAX_STEPS))
        parts.append(frame.record.copy())
        steps -= MAX_STEPS
        if not frame.finite:
            break
    return np.concatenate(parts)


def seen(record, w_bound, every=20):
    """``{steps taken: name}`` as a display would ask for it while the run goes on."""
    ends = range(MIN_ROWS, len(record) + 1, every)
    return {end: classify(record[max(0, end - WINDOW) : end], w_bound).name for end in ends}


def in_order(names):
    return list(dict.fromkeys(names.values()))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_opening_setting_converges_and_then_is_steady(seed):
    names = seen(record_of(Engine(Network(seed=seed)), settings_of(), 4000), 1.0)
    assert in_order(names) == ["converging", "steady"]
    assert names[1500] == "converging"
    assert names[3000] == "steady"


def test_a_constant_drive_with_l2_converges_and_then_is_steady():
    chosen = settings_of(HELD_RING, eta=0.1, prior=("l2", 0.2))
    names = seen(record_of(Engine(), chosen, 1500), 1.0)
    assert in_order(names) == ["converging", "steady"]
    assert 500 < next(step for step, name in names.items() if name == "steady") < 1000


@pytest.mark.parametrize(("pattern", "circuit"), [(HELD_RING, TEACHER), (DENSE, ALL_FIRE)])
@pytest.mark.parametrize(("reach", "oscillates"), [(1.8, False), (2.25, True)])
def test_it_oscillates_where_eta_times_drive_and_prior_passes_two(
    pattern, circuit, reach, oscillates
):
    # The largest drive is 1, and λ is 0.2.
    chosen = settings_of(pattern, circuit, eta=reach / 1.2, prior=("l2", 0.2))
    names = seen(record_of(Engine(), chosen, 400), 1.0)
    assert ("oscillating" in names.values()) == oscillates
    assert names[400] == ("oscillating" if oscillates else "steady")


def test_weights_that_change_sign_at_the_bound_oscillate_although_their_size_stays():
    chosen = settings_of(HELD_RING, eta=3.0, prior=("l2", 0.8))
    record = record_of(Engine(), chosen, 200)
    assert np.ptp(record[-50:, METRICS["mean_abs"].column]) < 1e-3
    assert classify(record, 1.0).name == "oscillating"


def test_a_dense_drive_without_prior_saturates():
    names = seen(record_of(Engine(), settings_of(DENSE, ALL_FIRE, eta=0.01, prior=None), 1500), 1.0)
    assert in_order(names) == ["growing", "converging", "saturated"]


@pytest.mark.parametrize(
    ("pattern", "eta", "steps"), [(("ring", {}), 0.005, 500), (("correlated", {}), 0.002, 1500)]
)
def test_plain_hebb_without_bound_diverges(pattern, eta, steps):
    chosen = settings_of(pattern, LINEAR, eta=eta, w_bound=0.0, prior=None)
    record = record_of(Engine(), chosen, steps)
    assert classify(record[-WINDOW:], 0.0).name == "diverging"
    # The very same numbers cannot go on for ever where there is a bound.
    assert classify(record[-WINDOW:], 1e3).name == "growing"


def test_a_run_that_breaks_diverges():
    chosen = settings_of(DENSE, LINEAR, eta=5.0, w_bound=0.0, prior=None)
    record = record_of(Engine(), chosen, 200)
    assert len(record) < 200
    assert classify(record, 0.0).name == "diverging"


def test_a_straight_rise_without_bound_is_growth():
    engine = Engine(Network(weight_init=("uniform", 0.0, 0.01)))
    chosen = settings_of(eta=0.002, w_bound=0.0, prior=None)
    assert in_order(seen(record_of(engine, chosen, 2000), 0.0)) == ["growing"]


def test_a_small_eta_grows_weights_from_near_zero():
    engine = Engine(Network(weight_init=("uniform", 0.0, 0.01)))
    assert in_order(seen(record_of(engine, settings_of(eta=0.002, prior=None), 800), 1.0)) == [
        "growing"
    ]


@pytest.mark.parametrize(
    ("eta", "prior"), [(0.1, ("l2", 0.05)), (0.01, ("l1", 0.05)), (0.01, ("l2", 0.05))]
)
def test_a_prior_without_drive_decays(eta, prior):
    chosen = settings_of(DENSE, SILENT, eta=eta, prior=prior)
    names = seen(record_of(Engine(), chosen, 1000), 1.0)
    assert in_order({step: name for step, name in names.items() if step >= 100}) == ["decaying"]


def test_weights_that_a_prior_has_worn_away_are_steady():
    chosen = settings_of(DENSE, SILENT, eta=0.01, prior=("l1", 0.05))
    record = record_of(Engine(), chosen, 2600)[-WINDOW:]
    assert record[:, METRICS["max_abs"].column].max() > 0  # it dithers on
    assert classify(record, 1.0).name == "steady"


@pytest.mark.parametrize("prior", [None, ("l2", 0.05)])
def test_the_other_sign_unlearns_what_was_learned(prior):
    engine = Engine()
    before = record_of(engine, settings_of(), 3000)
    after = record_of(engine, settings_of(sign_value=1.0, prior=prior), 500)
    assert "unlearning" not in seen(before, 1.0).values()
    assert classify(after, 1.0).name == "unlearning"


def test_random_patterns_at_a_large_eta_jitter_but_do_not_oscillate():
    chosen = settings_of(("random_binary", {}), eta=1.5, prior=("l2", 0.3))
    names = seen(record_of(Engine(), chosen, 1000), 1.0)
    assert "oscillating" not in names.values()
    assert {name for step, name in names.items() if step >= 100} == {"steady"}


def test_two_patterns_in_turn_do_not_oscillate():
    chosen = settings_of(("ring", {"speed": 500}), eta=1.0, prior=("l2", 0.5))
    names = seen(record_of(Engine(), chosen, 300), 1.0)
    assert "oscillating" not in names.values()
    assert names[300] == "steady"


def made(rows=300, **columns):
    """A record of a run at rest, but for the ``columns`` given."""
    rest = {"mean_abs": 0.3, "max_abs": 0.8, "d_norm": 1.0, "post": 0.2, "match": 0.3}
    record = np.zeros((rows, len(METRICS)), np.float32)
    for name, values in {**rest, **columns}.items():
        record[:, METRICS[name].column] = values
    return record


STEP = np.arange(300)
NOISE = np.random.default_rng(0).standard_normal((4, 300))


@pytest.mark.parametrize(
    ("columns", "w_bound", "expected"),
    [
        ({}, 1.0, "steady"),
        (dict.fromkeys(METRICS, 0.0), 1.0, "steady"),
        (dict.fromkeys(METRICS, 0.0), 0.0, "steady"),
        ({"mean_abs": 0.3 + 0.05 * NOISE[0], "d_norm": 1 + 0.3 * NOISE[1]}, 1.0, "steady"),
        ({"mean_abs": 0.3 + 0.001 * STEP}, 0.0, "growing"),
        ({"mean_abs": 1e-3 * 1.01**STEP}, 0.0, "diverging"),
        ({"mean_abs": 1e-3 * 1.01**STEP}, 1.0, "growing"),
        ({"mean_abs": 1e30 * 1.05**STEP, "max_abs": 1e31 * 1.05**STEP}, 0.0, "diverging"),
        ({"mean_abs": 0.5 - 0.2 * 0.98**STEP}, 1.0, "converging"),
        ({"mean_abs": 0.5 + 0.4 * 0.98**STEP}, 1.0, "converging"),
        ({"d_norm": 0.99**STEP}, 1.0, "converging"),
        ({"d_norm": 1e-4 * 0.99**STEP}, 1.0, "steady"),
        ({"mean_abs": 0.5 * 0.99**STEP, "max_abs": 0.9 * 0.99**STEP}, 1.0, "decaying"),
        ({"mean_abs": 0.5 * 0.99**STEP}, 1.0, "converging"),  # some weights stay
        ({"mean_abs": 0.3 + 0.1 * (STEP % 2)}, 1.0, "oscillating"),
        ({"mean_abs": 0.3 + 0.1 * (STEP % 3) + 0.003 * NOISE[2]}, 1.0, "oscillating"),
        ({"mean_abs": 0.3 + 0.1 * (STEP % 2) * (1 + abs(NOISE[2]))}, 1.0, "oscillating"),
        ({"mean_abs": 0.3 + 1e-3 * (STEP % 2)}, 1.0, "steady"),
        ({"mean_abs": 0.3 + 0.1 * (STEP % 2) * 0.95**STEP}, 1.0, "converging"),  # rings out
        ({"mean_abs": 0.3 + 0.1 * np.sin(2 * np.pi * STEP / 66)}, 1.0, "steady"),  # a sweep
        ({"saturated": 0.6}, 1.0, "saturated"),
        ({"saturated": 0.4}, 1.0, "steady"),
        ({"saturated": np.where(STEP < 295, 1.0, 0.2)}, 1.0, "steady"),
        ({"match": 0.9 - 0.001 * STEP}, 1.0, "unlearning"),
        ({"match": 0.9 - 0.001 * STEP, "post": 0.0}, 1.0, "steady"),
        ({"match": 0.3 - 0.001 * STEP}, 1.0, "steady"),  # there was nothing to lose
        ({"match": 0.9 + 0.2 * NOISE[3]}, 1.0, "steady"),
    ],
)
def test_records_made_by_hand(columns, w_bound, expected):
    assert classify(made(**columns), w_bound) is REGIMES[expected]


def test_too_few_rows_and_rows_that_are_not_finite():
    assert classify(made(0), 1.0).name == "starting"
    assert classify(made(MIN_ROWS - 1), 1.0).name == "starting"
    assert classify(made(MIN_ROWS), 1.0).name == "steady"
    for bad in (np.nan, np.inf, -np.inf):
        for column in range(len(METRICS)):
            record = made(100)
            record[-1, column] = bad
            assert classify(record, 0.0).name == "diverging"
            assert classify(record[-1:], 0.0).name == "diverging"
            record = made(100)
            record[: 100 - MIN_ROWS, column] = bad  # broken once, and gone on since
            assert classify(record, 0.0).name == "steady"
            record[100 - MIN_ROWS, column] = bad
            assert classify(record, 0.0).name == "starting"


def test_regimes_are_described_and_keyed_by_their_names():
    assert {name: regime.name for name, regime in REGIMES.items()} == {
        name: name for name in REGIMES
    }
    for regime in REGIMES.values():
        assert regime.label
        assert regime.explanation.endswith(".")


def test_it_leaves_the_record_alone():
    record = made(500, mean_abs=0.3 + 0.05 * np.random.default_rng(1).standard_normal(500))
    copy = record.copy()
    classify(record, 1.0)
    np.testing.assert_array_equal(record, copy)


def test_many_runs_are_told_as_each_alone():
    rng = np.random.default_rng(2)
    records, bounds = rng.random((40, 60, 7)), rng.choice([0.0, 1.0], 40)
    records[:10, :, 0] *= np.geomspace(1, 30, 60)
    records[10:20, :, :3] *= np.geomspace(1, 0.01, 60)[:, None]
    records[20:25, -1] = np.nan
    records[25:28, 10] = np.inf
    records[28:32, :, 3] = 0.9
    together = classify_all(records, bounds)
    assert together == [classify(r, b) for r, b in zip(records, bounds, strict=True)]
    assert len({regime.name for regime in together}) >= 4


@pytest.mark.parametrize(
    ("record", "w_bound", "error", "named"),
    [
        (np.zeros(7), 1.0, ValueError, "record"),
        (np.zeros((30, 6)), 1.0, ValueError, "record"),
        (np.zeros((2, 30, 7)), 1.0, ValueError, "record"),
        ([[0.0] * 7, [0.0] * 6], 1.0, ValueError, "record"),
        ("a record", 1.0, TypeError, "record"),
        (None, 1.0, TypeError, "record"),
        (np.zeros((30, 7), bool), 1.0, TypeError, "record"),
        (np.zeros((30, 7)), -0.1, ValueError, "w_bound"),
        (np.zeros((30, 7)), np.nan, ValueError, "w_bound"),
        (np.zeros((30, 7)), "1", TypeError, "w_bound"),
    ],
)
def test_bad_input_is_refused_by_name(record, w_bound, error, named):
    with pytest.raises(error, match=f"{named} must be"):
        classify(record, w_bound)
