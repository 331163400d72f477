"""The sheet “Files”: files that come and go in pieces, and what it tells meanwhile."""

from __future__ import annotations

import asyncio
import io

import numpy as np
from bokeh.document import Document
from bokeh.models import Plot
from PIL import Image

from hebb_core.storage.run_file import read_run
from hebbscope.page.dashboard import Dashboard
from hebbscope.sheets.files import files as module
from hebbscope.sheets.files.files import FIGURES
from hebbscope.sheets.files.opening import MOST_BYTES

from ...files_sheet import PLAIN, Sheet, bench, file_of, weights
from ...visitor import Visitor


def test_an_upload_that_cannot_be_is_told():
    async def scenario(visitor, sheet):
        sheet.upload(MOST_BYTES + 1)
        assert sheet.bad
        assert "65 MiB; at most 64 MiB" in sheet.told
        sheet.upload(0)
        assert sheet.told == "That file is empty."
        assert sheet.sent == []
        sheet.upload(10)
        sheet.data(1, b"x")
        assert sheet.told.startswith("The file did not arrive")
        assert sheet.files.work[0] == ""

    bench(scenario)


def test_an_upload_that_is_cancelled_leaves_the_run_as_it_was():
    async def scenario(visitor, sheet):
        content = file_of(PLAIN)
        then, controls = weights(visitor), visitor.controls.values()
        sheet.upload(len(content))
        sheet.data(0, content[:-1])
        sheet.say("stop")
        # The last piece was on its way already.
        sheet.data(len(content) - 1, content[-1:])
        await visitor.quiet()
        assert sheet.files.work[0] == ""
        np.testing.assert_array_equal(weights(visitor), then)
        assert visitor.controls.values() == controls
        # Nothing of it stays in the way of the next one.
        await sheet.open(content)
        assert sheet.tone == "good"

    bench(scenario)


def test_a_download_that_is_cancelled_is_let_go(monkeypatch):
    monkeypatch.setattr(module, "PIECE", 1000)

    async def scenario(visitor, sheet):
        sheet.say("take", name="run", whole=True)
        await sheet.idle()
        number = sheet.sent[-1]["number"]
        sheet.say("more", number=number, at=0)
        assert sheet.sent[-1]["kind"] == "piece"
        sheet.say("stop")
        del sheet.sent[:]
        sheet.say("more", number=number, at=1000)
        assert sheet.sent == []

    bench(scenario)


def test_messages_that_mean_nothing_are_passed_over():
    async def scenario(visitor, sheet):
        for message in (
            None,
            1,
            "stop!",
            {},
            [],
            {"kind": "take"},
            {"kind": "take", "name": "nothing", "whole": True},
            {"kind": "take", "name": "run", "whole": 3},
            {"kind": "more", "number": 1, "at": 0},
            {"kind": "more", "number": 0, "at": -1},
            {"kind": "more", "number": "1", "at": None},
            {"kind": "upload"},
            {"kind": "piece", "number": 1, "at": 0, "piece": b"x"},
            {"kind": "piece", "number": 1, "at": "0", "piece": "x"},
            {"kind": "upload", "number": 1, "name": 3, "size": "x"},
        ):
            sheet.files.received(message)
        assert sheet.sent == []
        assert sheet.files.work[0] == ""
        await sheet.take("traces")
        # Once it is taken, it is gone.
        del sheet.sent[:]
        sheet.say("more", number=1, at=0)
        assert sheet.sent == []

    bench(scenario)


def test_a_film_tells_how_far_it_is_and_can_be_given_up(monkeypatch):
    monkeypatch.setattr(module, "_LOOK", 0.001)

    async def scenario(visitor, sheet):
        shares = []
        sheet.files.param.watch(lambda event: shares.append(event.new[1]), "work")
        name, content = await sheet.take("film")
        assert name.endswith(".gif")
        assert Image.open(io.BytesIO(content)).n_frames == len(visitor.session.run.history)
        assert any(0 < share < 1 for share in shares)

        del sheet.sent[:]
        sheet.say("take", name="film", whole=True)
        sheet.say("take", name="traces", whole=True)
        assert sheet.told.startswith("One thing at a time")
        sheet.told = ""
        sheet.upload(10)
        assert sheet.told.startswith("One thing at a time")
        sheet.say("stop")
        await sheet.idle()
        assert sheet.told == "Cancelled."
        assert sheet.sent == []
        await sheet.take("traces")

    bench(scenario)


def test_a_fault_is_told_in_plain_words(monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("secret")

    monkeypatch.setattr(module, "deliver", broken)

    async def scenario(visitor, sheet):
        sheet.say("take", name="run", whole=True)
        await sheet.idle()
        assert sheet.bad
        assert "secret" not in sheet.told
        assert sheet.complaints == [sheet.told]

    bench(scenario)
    assert "secret" in caplog.text


def test_a_large_file_leaves_in_pieces(monkeypatch):
    monkeypatch.setattr(module, "PIECE", 1000)

    async def scenario(visitor, sheet):
        _, content = await sheet.take("run")
        assert len([m for m in sheet.sent if m["kind"] == "piece"]) == -(-len(content) // 1000) > 1
        read_run(io.BytesIO(content))

    bench(scenario)


def test_each_figure_of_the_page_has_a_name_that_people_use():
    dashboard = Dashboard({"twin": "true", "recall": "true"})
    # It is filled when it is first drawn.
    dashboard.panels["recall"].ask()
    page = dashboard.page().server_doc(Document())
    names = {plot.name for root in page.roots for plot in root.select({"type": Plot})}
    # As the browser gathers them: traces are one picture, and strips belong to their map.
    pictures = {
        "traces" if name.startswith("trace ") else name.removesuffix(" pre").removesuffix(" post")
        for name in names
    }
    assert pictures == set(FIGURES) - {"landscape"}


def test_before_there_is_a_run_there_is_nothing_to_take(monkeypatch):
    monkeypatch.setattr(module, "_PATIENCE", 0.1)

    async def main():
        visitor = Visitor(n_pre=8, n_post=5)
        visitor.session.start()
        sheet = Sheet(visitor)
        visitor.session.run.compute = lambda job: (_ for _ in ()).throw(ValueError("not yet"))
        try:
            sheet.say("take", name="run", whole=True)
            await sheet.idle()
        finally:
            visitor.session.stop()
        assert sheet.bad
        assert "not taken up" in sheet.told

    asyncio.run(main())
