"""Exports: what other programs read is what the run was, to the bit."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import xarray

from hebb_core.rule.hyper import HYPERPARAMETERS
from hebb_core.run.metrics import METRICS
from hebb_core.storage.history_variables import VARIABLES
from hebb_core.storage.tables import (
    history_dataset,
    history_npz,
    open_history,
    traces_csv,
    write_history,
)

from ..saved_runs import NETWORK, SETUP, TWIN, run_of, settings_of

SHARED = [variable.name for variable in VARIABLES if variable.shared]


@pytest.fixture(scope="module")
def twins():
    return tuple(run_of(SETUP, TWIN, frames=3)[1])


class TestTraces:
    def test_every_number_comes_back(self):
        random = np.random.default_rng(0)
        scalars = (
            random.normal(size=(50, len(METRICS))) * 10.0 ** random.integers(-30, 30)
        ).astype(np.float32)
        scalars[3, 2], scalars[4, 1] = np.nan, np.inf
        scalars[5, 0] = np.nextafter(np.float32(1), np.float32(2))
        steps = np.arange(7, 57)
        header, *rows = csv.reader(io.StringIO(traces_csv(steps, scalars)))
        assert header == ["step", *METRICS]
        assert [int(row[0]) for row in rows] == steps.tolist()
        assert rows[3][3] == ""
        read = np.array([[x or "nan" for x in row[1:]] for row in rows], np.float32)
        np.testing.assert_array_equal(read, scalars)

    def test_none_is_a_header_alone(self):
        text = traces_csv(np.zeros(0, int), np.zeros((0, len(METRICS))))
        assert text == ",".join(["step", *METRICS]) + "\n"

    @pytest.mark.parametrize(("steps", "shape"), [(3, (2, 7)), (2, (2, 6)), (2, (14,))])
    def test_shapes_that_do_not_match_are_refused(self, steps, shape):
        with pytest.raises(ValueError, match="steps and scalars must be"):
            traces_csv(np.arange(steps), np.zeros(shape))


class TestHistory:
    def test_numpy_reads_it_without_pickle(self, twins):
        with np.load(io.BytesIO(history_npz(twins)), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        about = json.loads(str(arrays.pop("about")))
        assert set(arrays) == set(about["dims"])
        for name, array in arrays.items():
            assert len(about["dims"][name]) == array.ndim
        assert arrays["W"].shape == arrays["dW_b"].shape == (4, *twins[0].frame.shape)
        assert about["attrs"]["seed"] == NETWORK.seed

    def test_the_dataset_holds_what_the_frames_hold(self, twins):
        data = history_dataset(twins)
        assert isinstance(data, xarray.Dataset)
        assert data.W.dims == ("frame", "pre", "post")
        assert data.frame.values.tolist() == [0, 1, 2, 3]
        assert data.step.values.tolist() == [0, 1, 3, 6]
        assert data.moved.values.tolist() == [False, True, True, True]
        np.testing.assert_array_equal(data.mask, np.asarray(twins[0].state.synapse.mask) == 1)
        for at, kept in enumerate(twins):
            one = data.isel(frame=at)
            for suffix, frame in (("", kept.frame), ("_b", kept.frame.twin)):
                for name, expected in (
                    ("W", frame.weights),
                    ("dW", frame.d_weights),
                    ("change", frame.delta),
                    ("bias", frame.biases[0]),
                    ("post_activity", frame.post),
                    ("output", frame.outputs),
                    ("metrics", frame.record[-1]),
                ):
                    np.testing.assert_array_equal(one[name + suffix], expected)
                for name in HYPERPARAMETERS:
                    told = one[f"hyperparameters{suffix}"].sel(hyperparameter=name)
                    assert told == getattr(frame.hyper, name)
                assert one[f"optimiser{suffix}"] == frame.optim_type
            np.testing.assert_array_equal(one.pre_activity, kept.frame.pre)
            np.testing.assert_array_equal(one.target, kept.frame.target)
        assert float(data.metrics.sel(metric="post")[3]) == twins[3].frame.metric("post")[-1]
        assert not any(f"{name}_b" in data for name in SHARED)
        for variable in VARIABLES:
            assert data[variable.name].attrs["description"] == variable.explanation

    def test_the_file_opens_as_the_same_dataset(self, twins, tmp_path):
        path = tmp_path / "new" / "history.npz"
        write_history(path, twins)
        assert os.listdir(path.parent) == ["history.npz"]
        assert path.read_bytes() == history_npz(twins)
        xarray.testing.assert_identical(open_history(path), history_dataset(twins))

    def test_one_synapse_has_no_b(self, twins):
        frames = [
            replace(
                kept, frame=replace(kept.frame, twin=None), state=replace(kept.state, twin=None)
            )
            for kept in twins
        ]
        data = history_dataset(frames)
        assert not any(name.endswith("_b") for name in data)
        xarray.testing.assert_identical(open_history(io.BytesIO(history_npz(frames))), data)

    def test_fewer_patterns_a_step_leave_blanks(self, twins):
        frame = twins[1].frame
        fewer = {name: getattr(frame, name)[:1] for name in ("pre", "post", "outputs", "target")}
        twin = replace(frame.twin, **{name: value[:1] for name, value in fewer.items()})
        frames = (twins[0], replace(twins[1], frame=replace(frame, **fewer, twin=twin)), twins[2])
        data = open_history(io.BytesIO(history_npz(frames)))
        np.testing.assert_array_equal(data.pre_activity[1, 0], frame.pre[0])
        assert np.isnan(data.pre_activity[1, 1]).all()
        assert np.isfinite(data.pre_activity[[0, 2]]).all()
        assert np.isfinite(data.dW).all()

    def test_whole_networks_have_every_connection(self, twins):
        ones = np.ones((1, 1), np.float32)
        kept = twins[0]
        whole = replace(kept.state, synapse=replace(kept.state.synapse, mask=ones))
        assert history_dataset([replace(kept, state=whole)]).mask.values.all()

    def test_infinity_and_nan_come_back(self, twins):
        record = np.full_like(twins[0].frame.record, np.inf)
        record[-1, 0] = np.nan
        odd = replace(twins[0], frame=replace(twins[0].frame, record=record))
        data = open_history(io.BytesIO(history_npz([odd])))
        np.testing.assert_array_equal(data.metrics[0], record[-1])
        data.metrics[0] = 1.0  # what was read can be worked on

    def test_progress_rises_to_the_whole(self, twins):
        told = []
        history_npz(twins, told.append)
        assert told == sorted(told)
        assert told[-1] == 1.0
        assert len(told) == len(twins) * (2 * len(VARIABLES) - len(SHARED))

    def test_an_export_that_is_broken_off_leaves_nothing(self, twins, tmp_path):
        def stop(share):
            raise InterruptedError

        with pytest.raises(InterruptedError):
            write_history(tmp_path / "history.npz", twins, stop)
        assert not os.listdir(tmp_path)

    def test_dw_is_computed_one_frame_at_a_time(self, twins, monkeypatch):
        asked = []
        frame_type = type(twins[0].frame)
        d_weights = frame_type.d_weights.fget

        def watched(frame):
            asked.append(frame.step)
            return d_weights(frame)

        monkeypatch.setattr(frame_type, "d_weights", property(watched))
        shares = []
        history_npz(twins, lambda share: shares.append((share, len(asked))))
        assert max(b - a for (_, a), (_, b) in pairwise(shares)) == 1
        assert len(asked) == 2 * len(twins)


class TestRefused:
    def test_no_frames(self):
        with pytest.raises(ValueError, match="at least one frame"):
            history_npz([])
        with pytest.raises(ValueError, match="at least one frame"):
            history_dataset([])

    def test_frames_of_several_runs(self, twins):
        other = replace(twins[1], network=replace(NETWORK, seed=9))
        single = replace(twins[1], frame=replace(twins[1].frame, twin=None))
        for odd in (other, single):
            with pytest.raises(ValueError, match="of one run"):
                history_npz([twins[0], odd])

    def test_frames_of_a_run_that_was_started_again(self, twins):
        with pytest.raises(ValueError, match="of one run, oldest first"):
            history_npz([*twins, replace(twins[0], serial=9)])
        synapse = twins[1].state.synapse
        rewired = replace(synapse, mask=1 - np.asarray(synapse.mask))
        odd = replace(twins[1], state=replace(twins[1].state, synapse=rewired))
        with pytest.raises(ValueError, match="of one run, oldest first"):
            history_npz([twins[0], odd])

    @pytest.mark.parametrize("damage", [lambda b: b[:-9], lambda b: b"", lambda b: b"W" * 400])
    def test_other_files(self, twins, damage):
        with pytest.raises(ValueError, match="no history of a run"):
            open_history(io.BytesIO(damage(history_npz(twins))))
        stream = io.BytesIO()
        np.savez(stream, W=np.zeros(3))
        stream.seek(0)
        with pytest.raises(ValueError, match="no history of a run"):
            open_history(stream)
        with pytest.raises(FileNotFoundError):
            open_history("no such file.npz")

    def test_without_xarray_it_says_what_to_install(self, twins, monkeypatch):
        monkeypatch.setitem(sys.modules, "xarray", None)
        for call in (lambda: history_dataset(twins), lambda: open_history("x.npz")):
            with pytest.raises(ImportError, match="pip install xarray"):
                call()
        assert history_npz(twins)


def test_hyperparameters_in_force_are_those_of_each_frame():
    engine, history = run_of(SETUP, TWIN, frames=1)
    moved = replace(SETUP, eta=0.5)
    history.add(engine, engine.run(settings_of(moved, TWIN), 1))
    eta = history_dataset(tuple(history)).hyperparameters.sel(hyperparameter="eta")
    np.testing.assert_array_equal(eta, np.array([0.05, 0.05, 0.5], np.float32))
