"""The recall panel: what it presents and shows, that it only reads, and its curve."""

import asyncio

import numpy as np
import pytest

from hebb_core.analysis.capacity import capacity
from hebb_core.analysis.memory_items import stored_items
from hebb_core.analysis.recall import accuracy, degrade_each, match, probe, recalled
from hebb_core.run.engine import Engine
from hebb_core.run.history import History
from hebb_core.run.steps import run_key
from hebbscope.panels.context import PanelContext
from hebbscope.panels.recall.view import RecallView, _picture
from hebbscope.panels.registry import BenchControls
from hebbscope.session.traces import Traces
from hebbscope.session.view import ViewContext

from ...context import context
from ...visitor import Visitor

STORES = {
    "n_pre": 8,
    "n_post": 5,
    "pattern": "paired_associates",
    "pairs": 6,
    "sparsity": 0.4,
    "circuit": "error",
    "prior": "constant",
    "seed": 2,
}


def opened(**values):
    controls = BenchControls()
    text = {name: str(value) for name, value in {**STORES, **values}.items()}
    assert controls.apply(text) == []
    page = context(controls=controls, recall=True)
    return controls, RecallView(page), page.session.asked


def shot_of(controls, steps=40):
    settings = controls.settings()
    engine, history, traces = Engine(controls.build()), History(), Traces()
    frame = engine.run(settings, steps)
    traces.add(frame)
    kept = history.add(engine, frame)
    return ViewContext(kept.frame, kept.serial, 1.0, False, history, traces)


def pixels(view, name):
    return np.asarray(view._rasters[name]._source.data["image"][0])


def presented(view, shot):
    part = view.compute(shot, view.ask())
    view.draw(part)
    return part


class TestProbing:
    def test_it_shows_cue_answer_and_target(self):
        controls, view, _ = opened()
        shot = shot_of(controls)
        view._recall.param.update(cue=3, cue_noise=0.2, occlusion=0.25)
        part = presented(view, shot)
        items = stored_items(controls.settings().pattern, run_key(2), (8, 5))
        cues = degrade_each(items.cues, 0.2, 0.25, run_key(2))
        frame = shot.frame
        outputs = probe(frame.hyper, frame.weights, frame.biases, cues)
        probed = part.probed
        np.testing.assert_array_equal(probed.given, cues[2])
        np.testing.assert_array_equal(probed.output, outputs[2])
        np.testing.assert_array_equal(pixels(view, "output")[0], outputs[2])
        np.testing.assert_array_equal(pixels(view, "target")[0], items.targets[2])
        np.testing.assert_array_equal(pixels(view, "cue")[[0, 2]], [items.cues[2], cues[2]])
        assert probed.match == match(outputs, items.targets)[2]
        assert probed.recalled == recalled(outputs, items.targets)[2]
        assert probed.accuracy == accuracy(outputs, items.targets)
        assert f">{probed.accuracy:.0%}<" in view._told.object
        assert f">{probed.match:.2f}<".replace("-", "−") in view._told.object
        assert (">recalled<" in view._told.object) == probed.recalled
        assert "cue 3 of 6, as given" in view._head.object

    def test_a_cue_left_alone_is_shown_once_and_numbers_start_again(self):
        controls, view, _ = opened()
        shot = shot_of(controls)
        view._recall.cue = 8
        part = presented(view, shot)
        assert part.probed.number == 1
        assert pixels(view, "cue").shape == (1, 8)
        assert "as given" not in view._head.object
        assert "cue 2 of 6" in view._head.object

    def test_another_pattern_or_seed_stores_others(self):
        controls, view, _ = opened()
        shot = shot_of(controls)
        first = presented(view, shot).probed.cue
        controls.network.seed = 3
        assert not np.array_equal(presented(view, shot).probed.cue, first)
        controls.network.seed = 2
        controls.pattern.pairs = 1
        part = presented(view, shot)
        np.testing.assert_array_equal(part.probed.cue, first)
        assert part.probed.of == 1

    @pytest.mark.parametrize(
        ("control", "value", "why"),
        [("circuit", "linear", "never learns the pattern"), ("pattern", "bars", "stores none")],
    )
    def test_it_says_why_there_is_nothing_to_recall(self, control, value, why):
        controls, view, _ = opened()
        shot = shot_of(controls)
        presented(view, shot)
        assert view._body.visible
        before = controls.value(control)
        controls.set(control, value)
        presented(view, shot)
        assert why in view._note.object
        assert view._note.visible
        assert not view._body.visible
        controls.set(control, before)
        presented(view, shot)
        assert view._body.visible
        assert not view._note.visible

    def test_without_a_load_to_vary_it_probes_and_says_so(self):
        controls, view, _ = opened(pattern="one_hot")
        presented(view, shot_of(controls))
        assert view._body.visible
        assert not view._plot.figure.visible
        assert "no load to vary" in view._plot._head.object

    def test_closed_it_asks_for_nothing(self):
        controls, view, _ = opened()
        controls.panels.recall = False
        assert view.ask() is None


class TestPicture:
    def test_on_a_square_there_are_two_pictures_side_by_side(self):
        cue, given = np.arange(9.0), -np.arange(9.0)
        picture = _picture((cue, given), False)
        assert picture.shape == (3, 7)
        np.testing.assert_array_equal(picture[:, :3].ravel(), cue)
        np.testing.assert_array_equal(picture[:, 4:].ravel(), given)
        assert np.isnan(picture[:, 3]).all()
        alone = _picture((cue,), False)
        np.testing.assert_array_equal(alone[:, :3], picture[:, :3])
        assert np.isnan(alone[:, 3:]).all()

    def test_a_grid_with_a_gap_is_a_picture_too_and_anything_else_is_a_strip(self):
        cue = np.arange(8.0)
        picture = _picture((cue, cue), True)
        assert picture.shape == (3, 7)
        assert np.isnan(picture[2, [2, 6]]).all()
        assert _picture((cue,), False).shape == (1, 8)
        strip = _picture((cue, 2 * cue), False)
        np.testing.assert_array_equal(strip[[0, 2]], [cue, 2 * cue])
        assert np.isnan(strip[1]).all()


class Prober(Visitor):
    """A visitor with the recall panel."""

    def __init__(self, **values):
        self.view = None
        super().__init__(**values)
        self.recall = self.controls.recall

        self.view = RecallView(PanelContext.of(self.controls, self.session, self.complaints))
        self.drawn = []
        self.session.add_views((self.view,))

    def show(self, parts, shape, counts):
        super().show(tuple(part for part in parts if part[0] is not self.view), shape, counts)
        for view, part in parts:
            if view is self.view:
                view.draw(part)
                self.drawn.append(part)


def visit(scenario):
    async def main():
        visitor = Prober(**STORES)
        visitor.session.start()
        try:
            await scenario(visitor)
        finally:
            visitor.view.curve.stop()
            visitor.session.stop()

    asyncio.run(main())


class TestRun:
    def test_probing_leaves_the_run_alone(self):
        ends = []

        async def scenario(visitor, probing):
            visitor.session.playing = False
            await visitor.until(lambda: visitor.pictures)
            visitor.controls.panels.recall = probing
            for step in range(1, 7):
                visitor.session.step()
                await visitor.until(lambda step=step: visitor.pictures[-1].step == step)
                if not probing:
                    continue
                before = visitor.pictures[-1].weights
                for cue in (1, 4):
                    count = len(visitor.drawn)
                    visitor.recall.param.update(cue=cue, cue_noise=0.1 * step, occlusion=0.3)
                    await visitor.until(
                        lambda count=count, cue=cue: (
                            len(visitor.drawn) > count and visitor.drawn[-1].asked.cue == cue - 1
                        )
                    )
                np.testing.assert_array_equal(visitor.pictures[-1].weights, before)
                assert visitor.pictures[-1].step == step
            assert bool(visitor.drawn) == probing
            ends.append(visitor.pictures[-1].weights)

        visit(lambda visitor: scenario(visitor, False))
        visit(lambda visitor: scenario(visitor, True))
        np.testing.assert_array_equal(*ends)

    def test_a_probe_pauses_the_run_and_a_closed_panel_does_not(self):
        async def scenario(visitor):
            await visitor.until(lambda: len(visitor.pictures) > 2)
            visitor.recall.cue = 2
            assert visitor.session.playing
            visitor.controls.panels.recall = True
            assert visitor.session.playing
            visitor.recall.occlusion = 0.5
            assert not visitor.session.playing

        visit(scenario)

    def test_each_point_of_the_curve_is_drawn_though_the_run_is_paused(self):
        async def scenario(visitor):
            await visitor.until(lambda: visitor.pictures)
            await visitor.settle()
            step = visitor.pictures[-1].step
            visitor.controls.panels.recall = True
            await visitor.until(
                lambda: visitor.drawn and len(visitor.drawn[-1].asked.points) == 9, seconds=60
            )
            source = visitor.view._plot._source.data
            assert source["load"].tolist() == [1, 2, 5, 10, 20, 50, 100, 200, 256]
            assert visitor.pictures[-1].step == step

        visit(scenario)


def idle(curve):
    task = curve._background._task
    return task is None or task.done()


def curve(scenario, **values):
    async def main():
        controls, view, told = opened(**values)

        async def until(condition):
            deadline = asyncio.get_running_loop().time() + 60
            while not condition():
                assert asyncio.get_running_loop().time() < deadline, "nothing happened"
                await asyncio.sleep(0.005)

        view.curve.refresh()
        try:
            await scenario(controls, view, told, until)
        finally:
            view.curve.stop()
            await until(lambda: idle(view.curve))

    asyncio.run(main())


class TestCurve:
    def test_it_is_that_of_the_core_point_by_point(self):
        async def scenario(controls, view, told, until):
            view._recall.param.update(cue_noise=0.3, occlusion=0.2)
            view.curve.refresh()
            await until(lambda: view.curve.done)
            expected = list(capacity(controls.setup(), noise=0.3, occlusion=0.2))
            assert list(view.curve.points) == expected
            assert view.curve.holds
            assert told.count("refresh_theory") >= len(expected)
            presented(view, shot_of(controls))
            data = view._plot._source.data
            assert data["accuracy"].tolist() == [point.accuracy for point in expected]
            assert view._plot._load.location == 6
            assert view._plot._now.data["load"] == [6]

        curve(scenario)

    def test_the_load_itself_moves_the_mark_alone_and_all_else_asks_for_another(self):
        async def scenario(controls, view, told, until):
            await until(lambda: view.curve.done)
            shot, first = shot_of(controls), view.curve.points
            controls.pattern.pairs = 50
            view.curve.refresh()
            assert view.curve.done
            assert view.curve.holds
            presented(view, shot)
            assert view._plot._load.location == 50
            assert view._plot._lines[0].glyph.line_alpha == 1
            view._recall.cue_noise = 2.0
            assert not view.curve.holds
            presented(view, shot)
            # That of before stays, faded, until there is something of the next.
            assert view._plot._lines[0].glyph.line_alpha < 1
            assert view.curve.points is first
            await until(lambda: not view.curve.done)
            await until(lambda: view.curve.done)
            assert view.curve.holds
            assert view.curve.points != first
            presented(view, shot)
            assert view._plot._lines[0].glyph.line_alpha == 1

        curve(scenario)

    def test_one_that_nobody_waits_for_is_let_go(self):
        async def scenario(controls, view, told, until):
            await until(lambda: view.curve.points)
            controls.panels.recall = False
            view.curve.refresh()
            assert view.curve.done
            known = view.curve.points
            await until(lambda: idle(view.curve))
            await asyncio.sleep(0.5)
            assert view.curve.points is known
            assert len(known) < 9
            controls.panels.recall = True
            await until(lambda: len(view.curve.points) == 9)

        curve(scenario)

    @pytest.mark.parametrize("values", [{"circuit": "linear"}, {"pattern": "one_hot"}])
    def test_where_there_is_none_none_is_computed(self, values):
        async def scenario(controls, view, told, until):
            assert view.curve.done
            assert idle(view.curve)
            assert not view.curve.holds

        curve(scenario, **values)
