"""The READMEs of the page say what is so."""

import re

import numpy as np
import pytest

from hebb_core import Engine, classify
from hebbscope.controls.controls import Controls
from hebbscope.lessons.__main__ import main
from hebbscope.lessons.quantities import MEASURES
from hebbscope.page.describe import controls_table, panels_table
from hebbscope.page.shortcuts import KEYS
from hebbscope.panels.equation.equation import verdict_html
from hebbscope.panels.registry import PANELS

from ..documents import ROOT, blocks, text


def rows(name, heading):
    """The first cells of the first table under a heading."""
    under = text(name).split(f"\n{heading}\n")[1]
    table = re.search(r"(?:^\|.*\n)+", under, re.MULTILINE)[0].splitlines()
    return [line.split("|")[1].strip() for line in table[2:]]


def test_the_table_of_controls_is_that_of_the_controls():
    # If this fails, run: python -m hebbscope.page.describe
    assert controls_table() in text("app/controls/README.md")


@pytest.mark.parametrize("part", ["hebb_core", "app"])
def test_the_layout_names_every_folder_and_no_other(part):
    listed = text(f"{part}/README.md").split("## How it is laid out")[1].split("```")[1]
    lines = listed.split(f"\n{part}/")[1].splitlines()[1:]
    named = {
        line.split()[0].rstrip("/") for line in lines if line.startswith("  ") and line[2] != " "
    }
    folders = {file.parent.name for file in (ROOT / part).glob("*/__init__.py")}
    assert {name for name in named if "." not in name} == folders
    assert all((ROOT / part / name).exists() for name in named)


def test_the_table_of_panels_is_that_of_the_panels():
    assert panels_table() in text("README.md")
    assert [label.lower() for label in rows("app/panels/README.md", "## The seven panels")] == list(
        PANELS
    )


def test_the_table_of_keys_names_each():
    assert rows("app/page/README.md", "## Keys") == [key.shown for key in KEYS]


def test_the_table_of_measures_names_each():
    assert rows("app/lessons/README.md", "### The numbers") == [f"`{name}`" for name in MEASURES]


def test_the_example_of_a_lesson_holds(tmp_path, capsys):
    ((_, lesson),) = blocks("app/lessons/README.md", "markdown")
    (tmp_path / "03-soft-bound.md").write_text(lesson)
    assert main([str(tmp_path)]) == 0, capsys.readouterr().out


class TestTheFirstFiveMinutes:
    """What the README says that one sees, on the run that the page opens with."""

    @staticmethod
    def setup_of(**values):
        controls = Controls()
        assert controls.apply(values) == []
        return controls.setup(), verdict_html(controls)

    @staticmethod
    def play(engine, setup, steps):
        records = [engine.run(setup.settings(), 100) for _ in range(steps // 100)]
        record = np.concatenate([np.asarray(frame.record) for frame in records])
        return np.asarray(records[-1].weights), classify(record, setup.w_bound).name

    def test_a_band_appears_climbs_to_the_bound_and_turns_over(self):
        opened, badge = self.setup_of()
        assert "ascent: co-active weights grow" in badge
        engine = Engine(opened.network)
        weights, regime = self.play(engine, opened, 1000)
        assert regime == "converging"
        band = weights > 0.4
        assert 0.1 < band.mean() < 0.5
        assert weights.max() < 0.8
        free, _ = self.setup_of(prior="constant")
        weights, _ = self.play(engine, free, 1000)
        assert weights.max() > 0.99
        turned, badge = self.setup_of(prior="constant", sign_value="1")
        assert "descent: co-active weights shrink" in badge
        engine.reset()
        weights, _ = self.play(engine, turned, 1000)
        assert (weights[band] < 0).mean() > 0.95
