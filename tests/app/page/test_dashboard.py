"""The whole page, without a browser: what is drawn when weights and activities leave all bounds."""

import asyncio

import numpy as np
import pytest

from hebbscope.page.dashboard import Dashboard


@pytest.mark.parametrize("eta", [0.5, 3.0])
def test_activity_without_bounds_is_told_and_the_loop_goes_on(eta):
    dashboard = Dashboard(
        {
            "circuit": "linear",
            "w_bound": "0",
            "prior": "constant",
            "eta": str(eta),
            "pattern": "correlated",
            "fields": "true",
            "theory": "true",
        }
    )
    told = []
    dashboard.session._notify = told.append
    clock = dashboard._clock

    async def scenario():
        dashboard.session.start()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + 90
        while not told and loop.time() < deadline:
            clock.painted = clock.sent
            await asyncio.sleep(0.005)
        assert any("stopped being finite" in sentence for sentence in told)
        # It still answers.
        dashboard.controls.rule.eta = 0.0001
        dashboard.session.reset()
        for _ in range(200):
            clock.painted = clock.sent
            await asyncio.sleep(0.005)
        dashboard.session.stop()

    asyncio.run(scenario())
    assert len(told) == 1, told
    image = dashboard.maps.weights.main._source.data["image"][0]
    assert np.isfinite(image).all()


def test_map_and_cell_take_each_others_place_and_give_it_back():
    panels = Dashboard({}).controls.panels
    panels.map = True
    assert not panels.cell
    panels.map = False
    assert panels.cell
    panels.cell = False
    panels.map = True
    panels.map = False
    assert not panels.cell


def test_panels_that_exclude_each_other_may_change_together():
    controls = Dashboard({"map": "true", "cell": "false"}).controls
    controls.load({})
    assert (controls.panels.map, controls.panels.cell) == (False, True)
    controls.load({"map": "true", "cell": "false"})
    assert (controls.panels.map, controls.panels.cell) == (True, False)


def test_every_sheet_opens():
    sheets = Dashboard({}).sheets
    for name, place in sheets.places.items():
        sheet = sheets.open(name)
        assert list(place) == [sheet]
        assert sheets.open(name) is sheet
