"""Traces out of a file that anyone may have made: whatever they say, the run goes on from them."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hebb_core.run.engine import Engine, Network
from hebb_core.run.metrics import METRICS
from hebb_core.run.setup import Setup
from hebb_core.storage.run_file import SavedRun
from hebbscope.panels.status_line.status_line import StatusLine
from hebbscope.panels.traces.view import TracesView
from hebbscope.session.run.job import Job, PendingWork
from hebbscope.session.run.run import Run
from hebbscope.session.traces import RECENT, Traces

from ...context import context

WIDTH = len(METRICS)
SETUP = Setup(network=Network(n_pre=8, n_post=5))


def rows_of(count, value=0.5):
    return np.full((count, WIDTH), value, np.float32)


def arrays_of(steps=(), outline=(), value=0.5):
    return {
        "a_recent_steps": np.array(steps, np.int64),
        "a_recent": rows_of(len(steps), value),
        "a_outline_steps": np.array(outline, np.int64),
        "a_outline": rows_of(len(outline), value),
    }


def restored(arrays, step=100):
    traces = Traces()
    traces.restore(arrays, "a", step)
    return traces


def saved_state(step):
    engine = Engine(SETUP.network, batch_size=SETUP.batch_size, optim_type=SETUP.optim_type)
    engine.run(SETUP.settings(), 3)
    state = engine.snapshot()
    return replace(state, step=np.asarray(step, state.step.dtype))


def steps_after(run, arrays, step):
    """Open a run with these traces, take steps, and draw what panels make of them."""
    page = context()
    views = tuple((view, view.ask()) for view in (TracesView(page), StatusLine(page.theory)))
    job = Job(
        asked=PendingWork(
            restart=False, stale=False, saved=SavedRun(SETUP, saved_state(step), arrays=arrays)
        ),
        network=None,
        batch_size=SETUP.batch_size,
        optim_type=SETUP.optim_type,
        twin=None,
        settings=SETUP.settings(),
        steps=0,
        at=None,
        w_bounds=(1.0, 1.0),
        focus_on_twin=False,
        views=views,
        counts=True,
    )
    done = [run.compute(job)]
    for count in (1, 700, 700):
        asked = PendingWork(restart=False, stale=False)
        done.append(run.compute(replace(job, asked=asked, steps=count)))
    for each in done:
        for view, part in each.parts:
            view.draw(part)
    return done


def test_what_was_saved_comes_back():
    traces = restored(arrays_of((7, 9), (0, 4, 8)))
    assert traces.recent()[0].tolist() == [7, 9]
    assert traces.whole()[0].tolist() == [0, 4, 8]
    np.testing.assert_array_equal(traces.whole()[1], rows_of(3))
    # A gap in a line, as of a norm that no logarithm shows, is a value like any other.
    assert np.isnan(restored(arrays_of((7,), (0,), np.nan)).recent()[1]).all()


@pytest.mark.parametrize(
    "arrays",
    [
        {},
        arrays_of((99, 101), (0,)),
        arrays_of((99,), (0, 101)),
        arrays_of((), (0, 2**62 + 1)),
        arrays_of((-1, 3), (0,)),
        arrays_of((3, 3), (0,)),
        arrays_of((), (-(2**63), 2**63 - 1)),
        arrays_of((1,), (1,), np.inf),
        arrays_of((1,), (1,), -np.inf),
        arrays_of(range(RECENT + 1), (0,)),
        arrays_of((1,), range(1201)),
        {**arrays_of((1,), (1,)), "a_recent": np.zeros((1, WIDTH + 1), np.float32)},
        {**arrays_of((1,), (1,)), "a_recent": np.zeros((1, WIDTH))},
        {**arrays_of((1,), (1,)), "a_recent_steps": np.ones((1, 1), np.int64)},
        {**arrays_of((1,), (1,)), "a_outline_steps": np.ones(1, np.int32)},
    ],
)
def test_what_cannot_be_is_left_out(arrays):
    traces = restored(arrays, 10_000 if len(arrays.get("a_recent_steps", ())) > RECENT else 100)
    assert len(traces.recent()[0]) == len(traces.whole()[0]) == 0


STEPS = st.lists(
    st.integers(0, 2000) | st.integers(2**62, 2**63 - 1) | st.integers(-(2**63), 2**63 - 1),
    unique=True,
    max_size=6,
)
VALUES = st.floats(width=32)


@given(
    STEPS.map(sorted), STEPS.map(sorted), VALUES, st.sampled_from([3, 1500, 2**30]), st.booleans()
)
@example(steps=[1], outline=[0, 2**62 + 1], value=0.5, step=3, within=False)
@settings(derandomize=True, max_examples=15, deadline=None)
def test_whatever_they_say_the_run_goes_on(steps, outline, value, step, within):
    if within:
        steps, outline = ([abs(s) % (step + 1) for s in x] for x in (steps, outline))
        steps, outline = sorted(set(steps)), sorted(set(outline))
    run = Run()
    with np.errstate(over="ignore", invalid="ignore"):
        done = steps_after(run, arrays_of(steps, outline, value), step)
    assert [each.frame.step for each in done] == [step, step + 1, step + 701, step + 1401]
    assert run.traces.recent()[0][-1401:].tolist() == list(range(step + 1, step + 1402))
    assert len(run.traces.whole()[0]) <= 1200
