"""History: bounded, exact, and a place to go on from."""

import jax
import numpy as np
import pytest

from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Engine, Settings
from hebb_core.run.history import History
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings

from ..runs import SMALL

CHOSEN = Settings(
    hyperparameters(eta=0.05, sign_value=-1.0, prior=("l2", 0.05)),
    pattern_settings("random_binary", noise=0.1),
    circuit_settings("relu"),
)


def filled(frames, steps=3, *, optim_type="sgd", **bounds):
    engine = Engine(SMALL, batch_size=2, optim_type=optim_type)
    history = History(**bounds)
    for _ in range(frames):
        history.add(engine, engine.run(CHOSEN, steps))
    return engine, history


def test_it_keeps_the_newest_frames_up_to_a_count():
    _, history = filled(9, max_frames=4)
    assert [kept.serial for kept in history] == [5, 6, 7, 8]
    assert (history.first, history.last, len(history)) == (5, 8, 4)
    assert history.find(4) is None
    assert history.find(9) is None
    assert history.find(6).frame.step == 21


def test_it_keeps_no_more_bytes_than_allowed():
    _, one = filled(1)
    _, history = filled(9, max_bytes=int(3.5 * one.nbytes))
    assert len(history) == 3
    assert history.nbytes == sum(kept.nbytes for kept in history) <= 3.5 * one.nbytes
    _, tight = filled(3, max_bytes=1)
    assert [kept.serial for kept in tight] == [2]


def test_frames_stay_what_they_were():
    engine, history = Engine(SMALL, batch_size=2), History()
    seen = []
    for _ in range(5):
        frame = engine.run(CHOSEN, 2)
        seen.append(np.array(frame.weights))
        history.add(engine, frame)
    for kept, weights in zip(history, seen, strict=True):
        np.testing.assert_array_equal(kept.frame.weights, weights)


def test_frames_of_elsewhere_are_numbered_as_they_are_kept():
    _, other = filled(9)
    engine, history = filled(1, max_frames=3)
    for serial, number in ((7, 1), (2, 2), (7, 3)):
        kept = history.put(other.find(serial))
        assert kept.serial == number == history.last
        assert kept.frame is other.find(serial).frame
    assert [kept.serial for kept in history] == [1, 2, 3]
    assert [history.find(number).frame.step for number in (1, 2, 3)] == [24, 9, 24]
    assert history.find(0) is None
    assert history.find(7) is None
    assert history.nbytes == sum(kept.nbytes for kept in history)
    # Those that they come from keep their numbers, and the next of the run is the next of all.
    assert [kept.serial for kept in other] == list(range(9))
    assert history.add(engine, engine.run(CHOSEN, 3)).serial == 4


@pytest.mark.parametrize("optim_type", ["sgd", "adam", "nag"])
def test_a_branch_goes_on_to_the_bit(optim_type):
    engine, history = filled(6, optim_type=optim_type)
    old = history.find(2)
    old.branch(engine)
    for serial in (3, 4, 5):
        again = engine.run(CHOSEN, 3)
        for ours, theirs in zip(
            jax.tree.leaves((again.weights, again.previous, again.record)),
            jax.tree.leaves(
                (
                    history.find(serial).frame.weights,
                    history.find(serial).frame.previous,
                    history.find(serial).frame.record,
                )
            ),
            strict=True,
        ):
            np.testing.assert_array_equal(ours, theirs)
    # And the frame it left from can be gone on from once more.
    old.branch(engine)
    assert engine.run(CHOSEN, 3).step == history.find(3).frame.step


def test_a_branch_lets_go_of_what_came_after():
    engine, history = filled(6)
    history.find(2).branch(engine)
    history.forget_after(2)
    kept = history.add(engine, engine.run(CHOSEN, 3))
    assert kept.serial == history.last == 3
    assert len(history) == 4
    assert history.nbytes == sum(kept.nbytes for kept in history)


def test_the_life_of_a_weight():
    _, history = filled(5, steps=2)
    steps, values = history.weight(3, 1)
    assert steps.tolist() == [2, 4, 6, 8, 10]
    np.testing.assert_array_equal(values, [kept.frame.weights[3, 1] for kept in history])
    assert history.weight(6, 0)[0].size == 0


@pytest.mark.parametrize("bounds", [{"max_frames": 0}, {"max_bytes": 0}])
def test_bounds_below_one_are_refused(bounds):
    with pytest.raises(ValueError, match=next(iter(bounds))):
        History(**bounds)
