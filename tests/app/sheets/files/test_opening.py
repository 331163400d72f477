"""Files that are opened: a run goes on as it was, and what is hostile or foreign harms nothing."""

from __future__ import annotations

import io
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.run.metrics import METRICS
from hebb_core.run.steps import Network
from hebb_core.storage.run_file import read_run, write_run
from hebbscope.controls.drawings import Drawing
from hebbscope.sheets.files.opening import Present, open_file

from ....hebb_core.hostile import npy, zipped
from ...files_sheet import PLAIN, bench, file_of, steps, weights

NOTHING = Present({}, ())


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
        assert sheet.tone == "good"
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


def hostile():
    """Files, and what has to be said of each."""
    good, pickled = file_of(PLAIN), npy(np.array([{}], object), allow_pickle=True)
    spoiled, bomb = io.BytesIO(), io.BytesIO()
    with np.load(io.BytesIO(good)) as archive:
        arrays = dict(archive)
    np.savez(spoiled, **arrays | {"weights": np.full((8, 5), np.nan, np.float32)})
    np.savez_compressed(bomb, **arrays | {"own.a": np.zeros(2**22)})
    return {
        "letters": (b"hello", "not an .npz file"),
        "pickle": (pickle.dumps({"weights": 1}), "not an .npz file"),
        "zip of nothing": (zipped({}), "no array called weights"),
        "zip of text": (zipped({"weights.npy": b"hello", "biases.npy": b""}), "damaged"),
        "pickled array": (zipped({"weights.npy": pickled, "biases.npy": pickled}), "never read"),
        "cut off": (good[: len(good) // 2], "truncated"),
        "wrong metadata": (zipped({"metadata.npy": b"{}"}), "damaged"),
        "NaN": (spoiled.getvalue(), "NaN or infinity"),
        "bomb": (bomb.getvalue(), "too much"),
    }


def test_no_hostile_file_touches_the_run(monkeypatch):
    monkeypatch.setattr("hebbscope.sheets.files.opening.MOST_EXPANDED", 2**24)

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
        assert sheet.tone == "good"
        assert "optimiser starts afresh" in sheet.told
        assert "starts at step 0 under the current settings" in sheet.told
        await visitor.until(lambda: visitor.pictures[-1].step == 0)
        np.testing.assert_array_equal(weights(visitor), then)
        assert visitor.controls.prior.prior_lambda == 0.125
        opt = visitor.session.run.engine.state.synapse.opt
        assert int(opt.steps) == 0
        await steps(visitor, 1)
        await sheet.take("hebb_core_script")
        assert "started from imported weights" in sheet.told

    bench(scenario)


def test_a_foreign_synapse_brings_its_size_its_mask_and_its_bias():
    rng = np.random.default_rng(0)
    mask = (rng.random((6, 3)) < 0.5).astype(np.float32)
    file = io.BytesIO()
    np.savez(
        file,
        weights=rng.random((6, 3), np.float32) * mask + mask,
        mask=mask,
        biases=np.full((1, 3), 0.25, np.float32),
    )
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
