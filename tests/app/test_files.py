"""The sheet “Take it away”, with a browser that asks for pieces and sends them, as the real one does."""

import asyncio
import io
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from app.dialogs import files as module
from app.dialogs.exports import EXPORTS, SECTIONS
from app.dialogs.files import FIGURES, Files
from app.dialogs.opening import MOST_BYTES, Present, open_file
from app.drawing.drawings import Drawing
from app.run import Edit
from app.uploads import PIECE
from hebb_core.engine import Engine
from hebb_core.metrics import METRICS
from hebb_core.run_file import SavedRun, read_run, write_run
from hebb_core.steps import Network
from hebb_core.sweep import Setup

from .visitor import run

SMALL = {"n_pre": 8, "n_post": 5}


class Sheet:
    """The browser's side of the sheet."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.complaints = []
        self.sent = []
        self.files = Files(visitor.session, self.complaints.append)
        self.files._send_msg = self.sent.append

    def say(self, *message):
        self.files._handle_msg(list(message))

    @property
    def told(self):
        return self.files.told[1]

    @property
    def bad(self):
        return self.files.told[2] == "bad"

    async def idle(self):
        await self.visitor.until(lambda: self.files.work[0] == "")

    async def take(self, name, all_of_it=True):
        """Press a button, and return the file that comes: its name and content."""
        del self.sent[:]
        self.say("take", name, all_of_it)
        await self.idle()
        assert self.sent, self.told
        [head] = self.sent
        content = b""
        while len(content) < head["size"]:
            self.say("piece", head["number"], len(content))
            assert self.sent[-1]["at"] == len(content)
            content += self.sent[-1]["data"]
        assert len(content) == head["size"]
        return head["name"], content

    def upload(self, size, name="it.npz", number=1):
        self.files._handle_msg({"kind": "upload", "number": number, "name": name, "size": size})

    def data(self, at, piece, number=1):
        self.files._handle_msg({"kind": "data", "number": number, "at": at, "piece": piece})

    async def open(self, content, name="it.npz"):
        del self.sent[:]
        self.upload(len(content), name)
        while self.sent and self.sent[-1]["kind"] == "more":
            at = self.sent.pop()["at"]
            self.data(at, bytes(content[at : at + PIECE]))
        await self.idle()


def bench(scenario, **values):
    async def with_sheet(visitor):
        await visitor.until(lambda: visitor.pictures and visitor.pictures[-1].step > 12)
        await visitor.settle()
        await scenario(visitor, Sheet(visitor))

    run(with_sheet, **values)


def weights(visitor):
    return np.array(visitor.session.run.engine.state.synapse.weights)


async def steps(visitor, count):
    goal = visitor.pictures[-1].step + count
    for _ in range(count):
        visitor.session.step()
    await visitor.until(lambda: visitor.pictures[-1].step == goal)


def file_of(setup, **more):
    engine = Engine(setup.network, batch_size=setup.batch_size, optim_type=setup.optim_type)
    file = io.BytesIO()
    write_run(file, SavedRun(setup, engine.snapshot(), **more))
    return file.getvalue()


NOTHING = Present({}, ())
PLAIN = Setup(
    network=Network(n_pre=8, n_post=5), prior="l2", prior_lambda=0.25, eta=0.125, circuit="softmax"
)


# --- saving and opening ---------------------------------------------------------------------------------


def test_an_opened_run_goes_on_to_the_bit_under_its_own_controls():
    async def scenario(visitor, sheet):
        name, content = await sheet.take("run")
        saved, at = read_run(io.BytesIO(content)), visitor.pictures[-1].step
        assert name == f"hebbscope-run-step{at}.npz"
        assert int(saved.state.step) == at
        assert len(saved.frames) == len(visitor.session.run.history)
        await steps(visitor, 5)
        then = weights(visitor)

        visitor.controls.rule.eta = 0.7
        visitor.controls.network.seed = 3
        await visitor.until(lambda: visitor.pictures[-1].step == 0)
        await steps(visitor, 2)
        assert visitor.session.controls.values()["seed"] == "3"
        await sheet.open(content, "mine.npz")
        assert sheet.files.told[2] == "good"
        assert f"“mine.npz”. It stands at step {at}" in sheet.told
        await visitor.until(lambda: visitor.pictures[-1].step == at)
        assert visitor.controls.rule.eta == 0.25
        assert "seed" not in visitor.controls.values()
        assert not visitor.session.playing
        assert len(visitor.session.run.history) == len(saved.frames)
        await steps(visitor, 5)
        np.testing.assert_array_equal(weights(visitor), then)
        assert visitor.complaints == sheet.complaints == []

    bench(scenario, eta=0.25, steps_per_frame=2)


def test_history_is_left_out_where_it_is_not_wanted():
    async def scenario(visitor, sheet):
        _, content = await sheet.take("run", False)
        assert read_run(io.BytesIO(content)).frames == ()

    bench(scenario)


def test_twins_and_drawn_patterns_come_back_with_their_names():
    async def scenario(visitor, sheet):
        rng = np.random.default_rng(1)
        drawn = [Drawing(n, rng.random(8, np.float32), np.eye(5)[i]) for i, n in enumerate("äb")]
        visitor.controls.drawings.replace(drawn)
        await steps(visitor, 3)
        _, content = await sheet.take("run")
        visitor.controls.drawings.replace(())
        visitor.controls.twin.twin = False
        visitor.controls.pattern.pattern = "ring"
        await sheet.open(content)
        await visitor.quiet()
        assert visitor.controls.twin.twin
        assert visitor.controls.b.rule.eta == 0.5
        assert visitor.controls.pattern.pattern == "drawn"
        assert [d.name for d in visitor.controls.drawings.all] == ["ä", "b"]
        np.testing.assert_array_equal(visitor.controls.drawings.all[1].pre, drawn[1].pre)
        assert visitor.session.run.engine.twin == "sgd"

        # One table for both, and a film of both.
        _, table = await sheet.take("traces")
        head, *rows = table.decode().splitlines()
        assert head == ",".join(["step", *METRICS, *(f"{name}_b" for name in METRICS)])
        assert {len(row.split(",")) for row in rows} == {1 + 2 * len(METRICS)}
        assert int(rows[-1].split(",")[0]) == visitor.pictures[-1].step

    bench(scenario, twin="true", b_eta=0.5, pattern="drawn")


def test_a_run_that_a_script_saved_opens_without_any_notes():
    opened = open_file(file_of(PLAIN), NOTHING)
    assert opened.values["prior_lambda"] == "0.25"
    assert opened.values["eta"] == "0.125"
    assert opened.values["circuit"] == "softmax"
    assert opened.saved.setup == PLAIN


def test_what_a_run_is_made_of_counts_and_not_what_its_notes_say():
    notes = {"controls": {"eta": "0.9", "n_pre": "64", "theory": "true", "pairs": "7"}}
    opened = open_file(file_of(PLAIN, notes=notes), NOTHING)
    assert opened.values["eta"] == "0.125"
    assert opened.values["n_pre"] == "8"
    # What no run holds is theirs to say.
    assert opened.values["theory"] == "true"
    assert opened.values["pairs"] == "7"


@pytest.mark.parametrize(
    "notes",
    [
        {"controls": {"eta": "<b>", "nonsense": "1", "map_x": ["eta"], "drawn": "AAAA"}},
        {"controls": [1, 2], "names": "abc"},
        {"controls": {"steps_per_frame": "1e9", "twin": "true", "edits": "b"}},
        {"names": [1, None]},
    ],
)
def test_notes_that_make_no_sense_change_nothing(notes):
    opened = open_file(file_of(PLAIN, notes=notes), NOTHING)
    plain = open_file(file_of(PLAIN), NOTHING)
    assert opened.values == plain.values
    assert opened.drawings == ()


@pytest.mark.parametrize(
    ("setup", "said"),
    [
        (replace(PLAIN, batch_size=300), "batch_size = 300: it must lie between 1 and 256."),
        (replace(PLAIN, network=Network(8, 5, seed=2**31)), "seed"),
        (replace(PLAIN, network=Network(1, 5)), "n_pre = 1"),
    ],
)
def test_a_run_that_no_control_can_make_is_refused_in_plain_words(setup, said):
    with pytest.raises(ValueError, match="no controls for") as refused:
        open_file(file_of(setup), NOTHING)
    assert said in str(refused.value)
    assert "stays" not in str(refused.value)


# --- hostile files ---------------------------------------------------------------------------------------


def zipped(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return file.getvalue()


def pickled():
    file = io.BytesIO()
    np.save(file, np.array([{}], object), allow_pickle=True)
    return file.getvalue()


def hostile():
    """Files, and what has to be said of each."""
    good = file_of(PLAIN)
    spoiled, bomb = io.BytesIO(), io.BytesIO()
    with np.load(io.BytesIO(good)) as archive:
        arrays = dict(archive)
    np.savez(spoiled, **arrays | {"weights": np.full((8, 5), np.nan, np.float32)})
    np.savez_compressed(bomb, **arrays | {"own.a": np.zeros(2**22)})
    return {
        "letters": (b"hello", "no .npz file"),
        "pickle": (pickle.dumps({"weights": 1}), "no .npz file"),
        "zip of nothing": (zipped(), "no array called weights"),
        "zip of text": (zipped(weights=b"hello", biases=b""), "damaged"),
        "pickled array": (zipped(weights=pickled(), biases=pickled()), "never read"),
        "cut off": (good[: len(good) // 2], "truncated"),
        "wrong metadata": (zipped(metadata=b"{}"), "damaged"),
        "NaN": (spoiled.getvalue(), "NaN or infinity"),
        "bomb": (bomb.getvalue(), "too much"),
    }


def test_no_hostile_file_touches_the_run(monkeypatch):
    monkeypatch.setattr("app.dialogs.opening.MOST_EXPANDED", 2**24)

    async def scenario(visitor, sheet):
        then, controls = weights(visitor), visitor.controls.values()
        for what, (content, said) in hostile().items():
            await sheet.open(content, f"{what}.npz")
            assert sheet.bad, what
            assert sheet.told.startswith(f"“{what}.npz” was not opened: "), sheet.told
            assert said in sheet.told
        np.testing.assert_array_equal(weights(visitor), then)
        assert visitor.controls.values() == controls
        assert visitor.complaints == sheet.complaints == []
        await steps(visitor, 1)

    bench(scenario)


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
        assert sheet.files.told[2] == "good"

    bench(scenario)


def test_a_download_that_is_cancelled_is_let_go(monkeypatch):
    monkeypatch.setattr(module, "PIECE", 1000)

    async def scenario(visitor, sheet):
        sheet.say("take", "run", True)
        await sheet.idle()
        number = sheet.sent[-1]["number"]
        sheet.say("piece", number, 0)
        assert sheet.sent[-1]["kind"] == "piece"
        sheet.say("stop")
        del sheet.sent[:]
        sheet.say("piece", number, 1000)
        assert sheet.sent == []

    bench(scenario)


def test_messages_that_mean_nothing_are_passed_over():
    async def scenario(visitor, sheet):
        for message in (
            None, 1, "stop!", {}, [], ["take"], ["take", "nothing", True], ["take", "run", 3],
            ["piece", 1, 0], ["piece", 0, -1], ["piece", "1", None], {"kind": "upload"},
            {"kind": "data", "number": 1, "at": 0, "piece": b"x"},
            {"kind": "data", "number": 1, "at": "0", "piece": "x"},
            {"kind": "upload", "number": 1, "name": 3, "size": "x"},
        ):  # fmt: skip
            sheet.files._handle_msg(message)
        assert sheet.sent == []
        assert sheet.files.work[0] == ""
        await sheet.take("traces")
        # Once it is taken, it is gone.
        del sheet.sent[:]
        sheet.say("piece", 1, 0)
        assert sheet.sent == []

    bench(scenario)


# --- ngc-learn -------------------------------------------------------------------------------------------


def test_the_folder_for_ngclearn_comes_back_as_a_new_run_with_a_fresh_optimiser():
    async def scenario(visitor, sheet):
        then = weights(visitor)
        at = visitor.pictures[-1].step
        name, content = await sheet.take("ngclearn")
        assert name == f"hebbscope-ngclearn-step{at}.zip"
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            folder = f"ngclearn-step{at}"
            assert archive.namelist() == [f"{folder}/W.npz", f"{folder}/W_opt_params.pkl"]
            npz = archive.read(f"{folder}/W.npz")
        with np.load(io.BytesIO(npz)) as arrays:
            np.testing.assert_array_equal(arrays["weights"], then)
            assert arrays["pre"].shape == (1, 8)
            assert arrays["pre"].any()
            assert arrays["dWeights"].any()
        visitor.controls.prior.prior_lambda = 0.125
        await steps(visitor, 2)
        await sheet.open(npz)
        assert sheet.files.told[2] == "good"
        assert "optimiser starts afresh" in sheet.told
        assert "starts at step 0 under the present settings" in sheet.told
        await visitor.until(lambda: visitor.pictures[-1].step == 0)
        np.testing.assert_array_equal(weights(visitor), then)
        assert visitor.controls.prior.prior_lambda == 0.125
        opt = visitor.session.run.engine.state.synapse.opt
        assert int(opt.steps) == 0
        await steps(visitor, 1)
        await sheet.take("hebb_core_script")
        assert "started from weights that were brought along" in sheet.told

    bench(scenario)


def test_a_foreign_synapse_brings_its_size_its_mask_and_its_bias():
    rng = np.random.default_rng(0)
    mask = (rng.random((6, 3)) < 0.5).astype(np.float32)
    file = io.BytesIO()
    np.savez(
        file, weights=rng.random((6, 3), np.float32) * mask + mask, mask=mask,
        biases=np.full((1, 3), 0.25, np.float32),
    )  # fmt: skip
    opened = open_file(file.getvalue(), Present({"eta": "0.5", "twin": "true"}, ()))
    saved = opened.saved
    assert opened.values["n_pre"] == "6"
    assert opened.values["n_post"] == "3"
    assert opened.values["eta"] == "0.5"
    assert opened.values["bias"] == "true"
    assert float(opened.values["p_conn"]) < 1
    np.testing.assert_array_equal(saved.state.synapse.mask, mask)
    assert saved.state.twin is not None
    np.testing.assert_array_equal(saved.state.twin.weights, saved.state.synapse.weights)
    np.testing.assert_array_equal(saved.state.synapse.biases, np.full((1, 3), 0.25))
    assert any("beyond w_bound" in sentence for sentence in opened.told)
    # It is a run like any other, and can be saved as one.
    write_run(io.BytesIO(), saved)


def test_a_synapse_that_the_page_has_no_room_for_is_refused():
    file = io.BytesIO()
    np.savez(file, weights=np.ones((1, 3), np.float32), biases=np.float32(0))
    with pytest.raises(ValueError, match="no room for: n_pre = 1"):
        open_file(file.getvalue(), NOTHING)


# --- code and data ---------------------------------------------------------------------------------------


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
        assert "controls were moved on its way (eta)" in sheet.told
        # The file says so too, and is a script still.
        assert text.startswith(b"# This run did not come about by its settings alone")
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
        assert "controls were moved on its way (eta)" in sheet.told

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


@pytest.mark.parametrize(
    ("notes", "said"),
    [({}, "does not say what was changed"), ({"departures": {"moved": 5}}, "does not say")],
)
def test_a_file_that_does_not_say_how_it_came_about_is_told(notes, said):
    async def scenario(visitor, sheet):
        await sheet.open(file_of(PLAIN, notes=notes))
        await visitor.until(lambda: visitor.pictures[-1].step == 0)
        await sheet.take("ngclearn_script")
        assert said in sheet.told

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
        sheet.say("take", "film", True)
        sheet.say("take", "traces", True)
        assert sheet.told.startswith("One thing at a time")
        sheet.files.told = [0, "", ""]
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
        sheet.say("take", "run", True)
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


def test_each_export_stands_in_a_section_of_the_page():
    assert len({export.name for export in EXPORTS}) == len(EXPORTS)
    assert {export.section for export in EXPORTS} <= set(SECTIONS)
    for export in EXPORTS:
        assert export.explanation.endswith(".")
        assert export.file.format(step=7)


def test_each_figure_of_the_page_has_a_name_that_people_use():
    from bokeh.document import Document
    from bokeh.models import Plot

    from app.dashboard import Dashboard

    dashboard = Dashboard({"twin": "true", "recall": "true"})
    # It is filled when it is first drawn.
    dashboard.recall.ask()
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
        from .visitor import Visitor

        visitor = Visitor(**SMALL)
        visitor.session.start()
        sheet = Sheet(visitor)
        visitor.session.run.compute = lambda job: (_ for _ in ()).throw(ValueError("not yet"))
        try:
            sheet.say("take", "run", True)
            await sheet.idle()
        finally:
            visitor.session.stop()
        assert sheet.bad
        assert "not taken up" in sheet.told

    asyncio.run(main())
