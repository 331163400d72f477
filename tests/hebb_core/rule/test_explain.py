"""Explaining a weight: every stage adds up to the step that was really taken."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core.rule.hyper import hyperparameters
from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.run.engine import Engine, Network, Settings
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings

from ..runs import SHAPE, SMALL

priors = st.one_of(
    st.none(),
    st.tuples(st.sampled_from(["l1", "l2"]), st.floats(0, 0.5)),
    st.tuples(st.just("elastic_net"), st.tuples(st.floats(0, 0.5), st.floats(0, 1))),
)


def close(value):
    return pytest.approx(value, rel=1e-5, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    run=st.sampled_from([(Network(*SHAPE), 1, "sgd"), *((SMALL, 2, name) for name in OPTIMISERS)]),
    eta=st.floats(1e-3, 0.5),
    w_bound=st.sampled_from([0.0, 0.4, 1.0]),
    prior=priors,
    sign_value=st.sampled_from([-1.0, 1.0, -0.3]),
    is_nonnegative=st.booleans(),
    cell=st.tuples(st.integers(0, 5), st.integers(0, 3)),
    steps=st.integers(1, 4),
)
def test_the_stages_add_up(run, eta, w_bound, prior, sign_value, is_nonnegative, cell, steps):
    network, batch, optim_type = run
    chosen = Settings(
        hyperparameters(
            eta=eta,
            w_bound=w_bound,
            prior=prior,
            sign_value=sign_value,
            is_nonnegative=is_nonnegative,
            pre_wght=0.8,
            post_wght=1.5,
        ),
        pattern_settings("random_binary", sparsity=0.6),
        circuit_settings("teacher"),
    )
    engine = Engine(network, batch_size=batch, optim_type=optim_type)
    frame = engine.run(chosen, steps)
    story = frame.explain(*cell)
    row, col = cell

    # The ends are those of the frame, exactly.
    assert story.before == float(frame.before[cell])
    assert story.after == float(frame.weights[cell])
    assert story.delta == story.after - story.before
    # Between them every number follows from the one before, as RULE says it.
    assert story.correlation == close(0.8 * 1.5 * float(frame.pre[:, row] @ frame.post[:, col]))
    assert story.bound == close(w_bound - abs(story.before) if w_bound else 1.0)
    assert story.hebbian == close(story.correlation * story.bound)
    assert story.d_weight == close(sign_value * (story.hebbian + story.prior))
    assert story.d_weight == close(float(frame.d_weights[cell]))
    if optim_type == "sgd":
        assert story.asked == close(-eta * story.d_weight)
    low = (0.0 if is_nonnegative else -w_bound) if w_bound else -np.inf
    assert story.clipped == close(min(max(story.moved, low), w_bound or np.inf))
    exists = np.broadcast_to(engine.state.synapse.mask, frame.shape)[cell]
    assert story.after == close(story.clipped * exists)


def test_a_preview_tells_the_step_that_would_be_taken():
    chosen = Settings(
        hyperparameters(eta=0.1, sign_value=-1.0),
        pattern_settings("ring", speed=0),
        circuit_settings("teacher"),
    )
    engine = Engine(Network(*SHAPE))
    engine.run(chosen, 3)
    frame = engine.preview(chosen)
    told = frame.explain(2, 1)
    assert told.before == float(frame.weights[2, 1])
    after = engine.run(chosen, 1)
    assert told.after == close(float(after.weights[2, 1]))


@pytest.mark.parametrize("cell", [(-1, 0), (12, 0), (0, 16)])
def test_a_cell_that_is_not_there_is_refused(cell):
    frame = Engine(Network(*SHAPE)).run(Settings.default(), 1)
    with pytest.raises(ValueError, match=r"rows are 0 to 11, columns 0 to 15"):
        frame.explain(*cell)


class TestSetWeight:
    hyper = hyperparameters(eta=0.1, sign_value=-1.0, w_bound=0.5)

    def test_the_run_goes_on_from_it(self):
        chosen = Settings(self.hyper, pattern_settings(), circuit_settings("teacher"))
        engine = Engine(Network(*SHAPE))
        before = np.array(engine.run(chosen, 2).weights)
        engine.set_weight(4, 2, -0.25, self.hyper)
        shown = engine.preview(chosen)
        expected = before.copy()
        expected[4, 2] = -0.25
        np.testing.assert_array_equal(shown.weights, expected)
        frame = engine.run(chosen, 1)
        np.testing.assert_array_equal(frame.before, expected)
        assert frame.step == 3

    @pytest.mark.parametrize(
        ("cell", "value", "error", "says"),
        [
            ((0, 0), 0.6, ValueError, r"weight must be .*0\.5"),
            ((0, 0), float("nan"), ValueError, "finite"),
            ((0, 0), "big", TypeError, "weight must be a real number"),
            ((12, 0), 0.1, ValueError, "row must be"),
            ((0, -1), 0.1, ValueError, "col must be"),
        ],
    )
    def test_what_cannot_be_is_refused_and_nothing_moves(self, cell, value, error, says):
        engine = Engine(Network(*SHAPE))
        before = np.array(engine.state.synapse.weights)
        with pytest.raises(error, match=says):
            engine.set_weight(*cell, value, self.hyper)
        np.testing.assert_array_equal(engine.state.synapse.weights, before)

    def test_nesterov_does_not_carry_the_jump_on(self):
        engine = Engine(SMALL, batch_size=2, optim_type="nag")
        chosen = Settings(
            hyperparameters(eta=1e-4, sign_value=-1.0),
            pattern_settings(),
            circuit_settings("teacher"),
        )
        engine.run(chosen, 5)
        cell = tuple(int(place) for place in np.argwhere(engine.state.synapse.mask)[-1])
        engine.set_weight(*cell, -0.9, chosen.hyper)
        assert float(engine.run(chosen, 1).weights[cell]) == pytest.approx(-0.9, abs=2e-3)

    def test_without_a_connection_there_is_no_weight(self):
        engine = Engine(SMALL)
        row, col = np.argwhere(np.asarray(engine.state.synapse.mask) == 0)[0]
        with pytest.raises(ValueError, match="there is no connection"):
            engine.set_weight(int(row), int(col), 0.1, self.hyper)
