"""Slow motion: a step, its stages in order, the next step."""

import asyncio

import pytest

from hebb_core.rule.terms import TERMS
from hebbscope.panels.equation.equation import equation_html
from hebbscope.session.slow_motion import STAGES, SlowMotion, stages_html

from ..visitor import Visitor


def film(monkeypatch, scenario, **values):
    """Run ``scenario(visitor, shown, slow)`` with stages that pass quickly."""
    monkeypatch.setattr("hebbscope.session.slow_motion.PACE", 0.05)

    async def main():
        visitor = Visitor(n_pre=8, n_post=5, **values)
        shown = []
        slow = SlowMotion(
            visitor.controls,
            visitor.session,
            lambda stage: shown.append((visitor.session.steps_taken, stage)),
        )
        visitor.session.start()
        slow.start()
        try:
            await scenario(visitor, shown, slow)
        finally:
            slow.stop()
            visitor.session.stop()

    asyncio.run(main())


def terms(shown):
    return [stage.term for _, stage in shown]


def test_each_step_is_shown_as_its_stages(monkeypatch):
    async def scenario(visitor, shown, slow):
        await visitor.until(lambda: len(shown) > 2 * len(STAGES))
        wanted = [stage.term for stage in STAGES]
        assert terms(shown)[: 2 * len(STAGES)] == [*wanted, *wanted]
        # One step for each round of stages, and none in between.
        await visitor.until(lambda: visitor.session.steps_taken == 3 or len(shown) > 14)
        steps = [p.step for p in visitor.pictures if p.moved]
        assert steps[:3] == [1, 2, 3][: len(steps)]

    film(monkeypatch, scenario, slow="true")


@pytest.mark.parametrize(
    ("values", "idle"),
    [({"prior": "constant"}, {"prior"}), ({"w_bound": "0"}, {"bound", "hebbian"})],
)
def test_what_does_nothing_is_left_out(monkeypatch, values, idle):
    async def scenario(visitor, shown, slow):
        await visitor.until(lambda: len(shown) >= len(STAGES))
        assert set(terms(shown)) == {stage.term for stage in STAGES} - idle

    film(monkeypatch, scenario, slow="true", **values)


def test_paused_it_stands_and_goes_on_stage_by_stage(monkeypatch):
    async def scenario(visitor, shown, slow):
        await visitor.until(lambda: shown)
        visitor.session.playing = False
        stood = len(shown)
        await visitor.quiet()
        assert len(shown) == stood
        slow.step()
        assert len(shown) == stood + 1
        assert not visitor.session.playing

    film(monkeypatch, scenario, slow="true")


def test_switched_off_the_run_flows_again(monkeypatch):
    async def scenario(visitor, shown, slow):
        await visitor.until(lambda: shown)
        visitor.controls.transport.slow = False
        assert shown[-1][1] is None
        await visitor.until(lambda: visitor.session.steps_taken > 50)

    film(monkeypatch, scenario, slow="true")


def test_stages_are_terms_of_the_step_and_parts_of_the_equation():
    from hebbscope.controls.controls import Controls

    for stage in STAGES:
        assert stage.term in TERMS
        html = equation_html(Controls(), stage.lit)
        assert all(f"lit-{tone}" in html for tone in stage.lit)
        assert 'aria-current="step"' in stages_html(stage) or "aria-current=step" in stages_html(
            stage
        )
    assert "staged" not in equation_html(Controls())
