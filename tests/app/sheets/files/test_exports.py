"""What can be taken away, what it holds, and what is said of it beside it."""

from __future__ import annotations

import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from hebb_core.run.engine import Engine
from hebb_core.run.metrics import METRICS
from hebb_core.run.setup import Setup
from hebb_core.run.steps import Network
from hebb_core.storage.run_file import SavedRun, read_run, write_run
from hebbscope.session.run.job import Edit
from hebbscope.sheets.files import exports
from hebbscope.sheets.files.exports import EXPORTS, SECTIONS, deliver
from hebbscope.sheets.files.opening import Present, open_file

from ...files_sheet import bench, steps, weights

RUN = next(export for export in EXPORTS if export.name == "run")


def test_each_export_stands_in_a_section_of_the_page():
    assert len({export.name for export in EXPORTS}) == len(EXPORTS)
    assert {export.section for export in EXPORTS} <= set(SECTIONS)
    for export in EXPORTS:
        assert export.explanation.endswith(".")
        assert export.file.format(step=7)


@pytest.fixture(scope="module")
def content():
    setup = Setup(network=Network(8, 5))
    saved = SavedRun(setup, Engine(setup.network).snapshot(), arrays={"more": np.zeros(2**22)})
    file = io.BytesIO()
    write_run(file, saved)
    return file.getvalue()


def told_of(content):
    export = replace(RUN, make=lambda moment, progress: content)
    return deliver(export, SimpleNamespace(step=3), lambda share: None).told


def test_a_run_that_the_page_opens_again_is_not_warned_of(content):
    assert "this page opens" not in told_of(content)
    assert open_file(content, Present({}, ())).saved.setup.network == Network(8, 5)


def test_a_run_that_is_too_large_once_it_is_expanded(content, monkeypatch):
    assert len(content) < 2**17
    for module in ("exports", "opening"):
        monkeypatch.setattr(f"hebbscope.sheets.files.{module}.MOST_EXPANDED", 2**24)
    assert "Expanded it takes 32 MiB, more than the 16 MiB that this page opens" in told_of(content)
    with pytest.raises(ValueError, match="too much"):
        open_file(content, Present({}, ()))


def test_a_run_that_is_too_large_a_file(content, monkeypatch):
    monkeypatch.setattr(exports, "MOST_BYTES", 2**10)
    assert "more than the 1 KiB that this page opens" in told_of(content)


def test_history_is_left_out_where_it_is_not_wanted():
    async def scenario(visitor, sheet):
        _, content = await sheet.take("run", False)
        assert read_run(io.BytesIO(content)).frames == ()

    bench(scenario)


def test_scripts_are_of_the_present_settings_and_say_where_they_part_from_the_run():
    async def scenario(visitor, sheet):
        at = visitor.pictures[-1].step
        _, text = await sheet.take("hebb_core_script")
        compile(text, "script", "exec")
        assert b"0.375" in text
        assert f"It takes {at} steps." in sheet.told
        assert "elsewhere" not in sheet.told
        name, text = await sheet.take("ngclearn_script")
        compile(text, name, "exec")
        assert b"ngclearn" in text
        visitor.controls.rule.eta = 0.4375
        await steps(visitor, 1)
        _, text = await sheet.take("hebb_core_script")
        assert b"0.4375" in text
        assert "controls were moved during the run (eta)" in sheet.told
        # The file says so too, and is a script still.
        assert text.startswith(b"# The settings alone do not reproduce this run")
        compile(text, "script", "exec")

        # It is kept with the run, and forgotten with it.
        _, content = await sheet.take("run")
        visitor.session.reset()
        await visitor.until(lambda: visitor.pictures[-1].step == 0)
        await sheet.take("hebb_core_script")
        assert "elsewhere" not in sheet.told
        await sheet.open(content)
        await visitor.until(lambda: visitor.pictures[-1].step == at + 1)
        await sheet.take("hebb_core_script")
        assert "controls were moved during the run (eta)" in sheet.told

    bench(scenario, eta=0.375)


def test_weights_set_by_hand_are_told_of_a_alone():
    async def scenario(visitor, sheet):
        at = visitor.pictures[-1].step
        visitor.session.edit(Edit(1, 2, 0.5))
        await steps(visitor, 1)
        await sheet.take("hebb_core_script")
        assert f"weights were set by hand after step {at}" in sheet.told
        visitor.controls.twin.edits = "b"
        await sheet.take("hebb_core_script")
        assert "elsewhere" not in sheet.told
        # Its own controls are told of each.
        visitor.controls.b.rule.eta = 0.25
        await steps(visitor, 1)
        await sheet.take("hebb_core_script")
        assert "(b_eta)" in sheet.told
        visitor.controls.twin.edits = "a"
        await sheet.take("hebb_core_script")
        assert "b_eta" not in sheet.told

    bench(scenario, twin="true")


def test_a_move_is_told_however_many_came_after_it():
    async def scenario(visitor, sheet):
        visitor.controls.bound.w_bound = 1.5
        await steps(visitor, 1)
        for turn in range(210):
            visitor.session.run.traces.mark(1000 + turn, frozenset({"eta"}))
        await sheet.take("hebb_core_script")
        assert "(w_bound)" in sheet.told

    bench(scenario)


def test_traces_are_one_table_of_the_whole_run():
    async def scenario(visitor, sheet):
        visitor.session.go_on(2500, afresh=True, hurry=True)
        await visitor.until(lambda: visitor.pictures[-1].step == 2500)
        _, content = await sheet.take("traces")
        head, *rows = content.decode().splitlines()
        assert head.split(",") == ["step", *METRICS]
        numbers = [int(row.split(",")[0]) for row in rows]
        assert numbers[-2000:] == list(range(501, 2501))
        assert numbers == sorted(set(numbers))
        assert len([n for n in numbers if n <= 500]) > 100

    bench(scenario)


def test_history_is_plain_arrays():
    async def scenario(visitor, sheet):
        _, content = await sheet.take("history")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            assert arrays["W"].shape == (len(visitor.session.run.history), 8, 5)
            np.testing.assert_array_equal(arrays["W"][-1], weights(visitor))

    bench(scenario)
