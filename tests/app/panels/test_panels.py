"""The panels under the maps, and what they say, without a browser."""

import itertools

import numpy as np
import panel as pn
import pytest
from bokeh.models import Line

from hebb_core.analysis.not_applicable import NotApplicable
from hebb_core.analysis.theory import predict
from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Engine, Network, Settings
from hebb_core.run.history import History
from hebb_core.run.metrics import METRICS
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings
from hebbscope.panels.cell.view import CellView
from hebbscope.panels.cell.waterfall import signed, stages
from hebbscope.panels.distribution.view import BINS, DistributionView
from hebbscope.panels.fields.view import FieldsView, tiles
from hebbscope.panels.theory.view import TheoryView, predicted_size
from hebbscope.panels.traces.view import TracesView
from hebbscope.session.selection import Selection
from hebbscope.session.traces import RECENT, Traces
from hebbscope.session.view import ViewContext

from ..context import context

CHOSEN = Settings(
    hyperparameters(eta=0.05, sign_value=-1.0, prior=("l2", 0.05)),
    pattern_settings("ring", speed=0),
    circuit_settings("teacher"),
)


def run(steps=(5, 5, 5), network=None, chosen=CHOSEN):
    engine, history, traces = Engine(network or Network(9, 4)), History(), Traces()
    for count in steps:
        frame = engine.run(chosen, count)
        traces.add(frame)
        kept = history.add(engine, frame)
    return ViewContext(kept.frame, kept.serial, float(chosen.hyper.w_bound), False, history, traces)


class TestTraces:
    def test_recent_steps_are_kept_one_by_one(self):
        shot = run((5, 7))
        steps, values = shot.traces.recent()
        assert steps.tolist() == list(range(1, 13))
        np.testing.assert_array_equal(values[-7:], shot.frame.record)
        assert shot.traces.recent(3)[0].tolist() == [10, 11, 12]

    def test_a_long_run_fits_in_outline(self):
        traces = Traces()
        engine = Engine(Network(4, 3))
        for _ in range(12):
            traces.add(engine.run(CHOSEN, 1000))
        steps, values = traces.whole()
        assert 500 < len(steps) <= 1200
        assert len(values) == len(steps)
        stride = np.diff(steps)
        assert (stride == stride[0]).all()
        assert steps[0] <= stride[0]
        assert steps[-1] > 12_000 - stride[0]
        assert len(traces.recent()[0]) == RECENT

    def test_a_branch_forgets(self):
        traces = run((5, 5, 5)).traces
        traces.mark(12, frozenset({"eta"}))
        traces.forget_after(10)
        assert traces.recent()[0][-1] == traces.whole()[0][-1] == 10
        # The control stays where it was moved to: from step 10 on, another law holds.
        assert [(m.step, m.controls) for m in traces.marks] == [(10, {"eta"})]

    def test_a_drag_is_one_mark_a_step(self):
        traces = run().traces
        traces.mark(15, frozenset({"eta"}))
        traces.mark(15, frozenset({"w_bound"}))
        traces.mark(16, frozenset({"eta"}))
        assert [(m.step, m.controls) for m in traces.marks] == [
            (15, {"eta", "w_bound"}),
            (16, {"eta"}),
        ]

    def test_the_plots_hold_what_was_recorded(self):
        page = context()
        page.controls.layout.span = "recent"
        view = TracesView(page)
        shot = run()
        view.draw(view.compute(shot, view.ask()))
        data = view._source.data
        assert data["step"].tolist() == list(range(1, 16))
        np.testing.assert_array_equal(data["mean_abs"][-5:], shot.frame.metric("mean_abs"))
        page.controls.panels.traces = False
        assert view.ask() is None


class TestDistribution:
    def test_every_weight_is_counted_once(self):
        view = DistributionView(context())
        shot = run(network=Network(40, 30))
        part = view.compute(shot, True)
        assert part.counts.sum() == 1200
        expected, _ = np.histogram(shot.frame.weights, bins=BINS, range=(-1, 1))
        assert np.abs(part.counts - expected).sum() <= 4  # rounding at an edge
        view.draw(part)
        assert view._source.data["count"].sum() == 1200

    def test_connections_that_do_not_exist_are_left_out(self):
        view = DistributionView(context())
        shot = run(network=Network(20, 10, p_conn=0.3))
        exist = int(np.asarray(shot.frame.previous.mask).sum())
        assert view.compute(shot, True).counts.sum() == exist < 200


class TestCell:
    def test_the_stages_end_on_the_change(self):
        shot = run()
        story = shot.frame.explain(4, 2)
        asked, done = stages(story, -1.0, "SGD")
        assert asked[-1].end == story.d_weight
        assert done[-1].end == story.delta
        assert story.delta == float(shot.frame.weights[4, 2]) - float(shot.frame.before[4, 2])
        # Each stage that adds begins where the one before it ended.
        assert asked[2].start == asked[1].end
        for before, after in itertools.pairwise(done[:-1]):
            assert after.start == pytest.approx(before.end)

    def test_it_shows_the_weight_and_its_life(self):
        page = context((9, 4))
        page.selection.choose(3, 1)
        view = CellView(page)
        shot = run()
        view.draw(view.compute(shot, view.ask()))
        assert "W[3, 1]" in view._table.object
        assert signed(float(shot.frame.weights[3, 1])) in view._table.object
        assert view._source.data["step"].tolist() == [5, 10, 15]
        assert view._source.data["weight"][-1] == shot.frame.weights[3, 1]

    def test_what_is_typed_is_an_edit_or_is_refused(self):
        page = context((9, 4))
        edits, complaints = page.session.edits, page.notices
        view = CellView(page)
        view._entry.set("weight", "−0,25")
        assert [(e.row, e.col, e.value) for e in edits] == [(4, 2, -0.25)]
        view._entry.set("weight", "1,000")
        assert len(edits) == 1
        complaints.clear()
        view._entry.set("weight", "much")
        assert len(edits) == 1
        assert "“much” is not a number" in complaints[0]
        assert view._entry["weight"] == ""

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0.0, "0"), (0.5, "+0.5"), (-0.123456, "−0.1235"), (-3e-7, "−3.000e−07")],
    )
    def test_numbers_are_written_to_be_compared(self, value, text):
        assert signed(value) == text


class TestSelection:
    def test_it_stays_inside(self):
        selection = Selection()
        selection.fit((10, 6))
        assert (selection.row, selection.col) == (5, 3)
        selection.choose(-4, 99)
        assert (selection.row, selection.col) == (0, 5)
        selection.move(3, -1)
        assert (selection.row, selection.col) == (3, 4)
        selection.fit((20, 20))
        assert (selection.row, selection.col) == (3, 4)
        selection.fit((3, 3))
        assert (selection.row, selection.col) == (1, 1)


class TestFields:
    def test_tiles_hold_the_columns(self):
        columns = np.arange(27, dtype=np.float32).reshape(9, 3)
        mosaic = tiles(columns, 2)
        assert mosaic.shape == (7, 7)
        np.testing.assert_array_equal(mosaic[:3, :3].ravel(), columns[:, 0])
        np.testing.assert_array_equal(mosaic[:3, 4:].ravel(), columns[:, 1])
        np.testing.assert_array_equal(mosaic[4:, :3].ravel(), columns[:, 2])
        assert np.isnan(mosaic[3]).all()
        assert np.isnan(mosaic[:, 3]).all()

    @pytest.mark.parametrize(
        ("n", "pattern", "shown"), [(9, "ring", True), (8, "bars", True), (8, "ring", False)]
    )
    def test_a_square_or_a_grid_is_needed(self, n, pattern, shown):
        page = context((n, 4), fields=True)
        page.controls.pattern.pattern = pattern
        view = FieldsView(page)
        part = view.compute(run(network=Network(n, 4)), view.ask())
        view.draw(part)
        assert (part.mosaic is not None) == shown
        assert ("fill no square" in view._head.object) != shown


class TestTheory:
    def test_a_prediction_comes_with_its_distance(self):
        shot = run((1000, 1000), chosen=CHOSEN)
        said = predict(CHOSEN, (9, 4), 1, 0, "sgd")
        view = TheoryView(context((9, 4), said, theory=True))
        part = view.compute(shot, view.ask())
        np.testing.assert_array_equal(part.values, said.weights)
        assert part.distance < 0.05
        view.draw(part)
        assert f"{part.distance:.1%}" in view._text.object
        weights = np.asarray(shot.frame.weights)
        steps, sizes = predicted_size(said, weights, shot.traces, 1, 2000, 36)
        assert steps.tolist() == [1, 2000]
        assert sizes[0] == pytest.approx(np.abs(said.weights).mean(), rel=1e-5)

    def test_the_line_is_the_mean_of_the_connections_that_exist(self):
        network = Network(9, 4, p_conn=0.4, seed=1)
        chosen = Settings(
            hyperparameters(eta=0.5, sign_value=-1.0, prior=("l2", 0.05)),
            CHOSEN.pattern,
            CHOSEN.circuit,
        )
        shot = run((1000,), network, chosen)
        mask = np.asarray(shot.frame.previous.mask)
        said = predict(chosen, (9, 4), 1, 1, "sgd", mask=mask)
        view = TracesView(context(said=said))
        part = view.compute(shot, view.ask())
        assert part.predicted["size"][0] == pytest.approx(part.columns["mean_abs"][-1], rel=1e-2)

    def test_weights_that_nothing_moves_stay_where_they_are(self):
        chosen = Settings(
            hyperparameters(eta=0.5, sign_value=-1.0),
            pattern_settings("one_hot"),
            circuit_settings("teacher"),
        )
        shot = run((1000,), chosen=chosen)
        said = predict(chosen, (9, 4), 1, 0, "sgd")
        assert np.isnan(said.weights).any()
        view = TheoryView(context((9, 4), said, theory=True))
        weights = np.asarray(shot.frame.weights)
        np.testing.assert_allclose(view.compute(shot, view.ask()).values, weights, atol=1e-3)
        traces = TracesView(context(said=said))
        part = traces.compute(shot, traces.ask())
        assert part.predicted["size"][0] == pytest.approx(np.abs(weights).mean(), rel=1e-3)

    def test_a_prediction_for_another_size_is_not_drawn(self):
        said = predict(CHOSEN, (12, 6), 1, 0, "sgd")
        shot = run((10, 10))
        view = TracesView(context(said=said))
        assert len(view.compute(shot, view.ask()).predicted["size"]) == 0

    def test_growth_is_drawn_as_it_grows(self):
        chosen = Settings(
            hyperparameters(eta=0.002, sign_value=-1.0, w_bound=0.0),
            pattern_settings("random_binary", sparsity=0.5),
            circuit_settings("linear"),
        )
        shot = run((200, 200), chosen=chosen)
        said = predict(chosen, (9, 4), 1, 0, "sgd")
        weights = np.asarray(shot.frame.weights)
        steps, sizes = predicted_size(said, weights, shot.traces, 1, 400, 36)
        np.testing.assert_allclose(
            np.diff(np.log(sizes)), np.log(said.factor) * np.diff(steps), rtol=1e-2
        )
        assert sizes[-1] == pytest.approx(float(shot.frame.metric("mean_abs")[-1]), rel=0.25)

    def test_silence_is_told(self):
        said = NotApplicable("No <formula> covers this.")
        view = TheoryView(context(said=said, theory=True))
        view.draw(view.compute(run(), view.ask()))
        assert "No &lt;formula&gt; covers this." in view._text.object


def test_the_traces_draw_what_they_promise():
    view = TracesView(context())
    drawn = {
        renderer.glyph.y
        for figure in view.panel.select(pn.pane.Bokeh)
        for renderer in figure.object.renderers
        if isinstance(renderer.glyph, Line)
    }
    assert drawn == {"mean_abs", "max_abs", "d_norm", "saturated", "near_zero", "match", "size"}
    assert drawn - {"size"} <= set(METRICS)
