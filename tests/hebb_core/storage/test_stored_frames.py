"""Frames on file: what is looked back at, which of them are kept, and going on from one."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest

from hebb_core.run.engine import Engine
from hebb_core.storage.run_file import SavedRun, read_run, write_run

from ..saved_runs import (
    NETWORK,
    SETUP,
    TWIN,
    identical,
    reopened,
    run_of,
    saved_of,
    settings_of,
)


def same_frame(ours, theirs):
    identical(
        (ours.weights, ours.biases, ours.previous, ours.hyper),
        (theirs.weights, theirs.biases, theirs.previous, theirs.hyper),
    )
    for name in ("pre", "post", "outputs", "target", "record"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name))
        assert getattr(ours, name).dtype == getattr(theirs, name).dtype
    for name in ("step", "finite", "moved", "optim_type"):
        assert getattr(ours, name) == getattr(theirs, name)
    np.testing.assert_array_equal(ours.d_weights, theirs.d_weights)


@pytest.mark.parametrize("twin", [None, TWIN])
def test_frames_are_what_they_were_and_can_be_gone_on_from(twin):
    engine, history = run_of(SETUP, twin, frames=4)
    saved = reopened(saved_of(SETUP, engine, history, twin=twin))
    assert [kept.serial for kept in saved.frames] == [0, 1, 2, 3, 4]
    assert [kept.frame.moved for kept in saved.frames] == [False, True, True, True, True]
    assert [len(kept.frame.record) for kept in saved.frames] == [1, 1, 2, 3, 4]
    for ours, theirs in zip(saved.frames, history, strict=True):
        assert ours.network is saved.setup.network
        identical(ours.state, theirs.state)
        same_frame(ours.frame, theirs.frame)
        if twin is not None:
            same_frame(ours.frame.twin, theirs.frame.twin)
        assert ours.frame.explain(0, 1) == theirs.frame.explain(0, 1)
    other = Engine(batch_size=2)
    saved.frames[2].branch(other)
    frame = other.run(settings_of(SETUP, twin), 3)
    identical(other.state, saved.frames[3].state)
    same_frame(frame, saved.frames[3].frame)


def test_frames_share_their_mask_and_own_their_arrays():
    engine, history = run_of(SETUP)
    saved = reopened(saved_of(SETUP, engine, history))
    kept = saved.frames[-1]
    assert all(one.state.synapse.mask is saved.state.synapse.mask for one in saved.frames)
    assert kept.frame.previous.mask is saved.state.synapse.mask
    assert kept.frame.weights is kept.state.synapse.weights
    assert kept.frame.record.base is kept.frame.pre.base is None
    assert kept.nbytes == history.find(history.last).nbytes


def test_only_the_newest_frames_of_one_kind_are_kept():
    def serials(setup, change):
        engine, history = run_of(setup, frames=2)
        change(engine, history)
        for _ in range(2):
            history.add(engine, engine.run(setup.settings(), 2))
        changed = replace(setup, optim_type=engine.optim_type, batch_size=engine.batch_size)
        return [k.serial for k in reopened(saved_of(changed, engine, history)).frames]

    assert serials(SETUP, lambda engine, _: None) == [0, 1, 2, 3, 4]
    assert serials(SETUP, lambda engine, _: engine.set_optimiser("adam")) == [3, 4]
    assert serials(SETUP, lambda engine, _: engine.reset()) == [3, 4]
    other = replace(NETWORK, seed=5)
    setup = replace(SETUP, network=other)
    engine, history = run_of(SETUP, frames=2)
    engine.reset(other)
    assert reopened(saved_of(setup, engine, history)).frames == ()
    history.add(engine, engine.run(SETUP.settings(), 2))
    assert [k.serial for k in reopened(saved_of(setup, engine, history)).frames] == [3]


def test_frames_of_a_run_that_was_started_again_unseen_are_left_out():
    engine, history = run_of(SETUP, frames=2)
    engine.reset()
    engine.run(SETUP.settings(), 7)
    for _ in range(2):
        history.add(engine, engine.run(SETUP.settings(), 2))
    assert [kept.frame.step for kept in history] == [0, 1, 3, 9, 11]
    saved = reopened(saved_of(SETUP, engine, history))
    assert [kept.frame.step for kept in saved.frames] == [9, 11]


def test_only_the_newest_frames_that_fit_are_kept(monkeypatch):
    def held(most: int) -> tuple[list[int], int]:
        monkeypatch.setattr("hebb_core.storage.run_file.MAX_RUN_BYTES", most)
        stream = io.BytesIO()
        write_run(stream, saved_of(SETUP, engine, history))
        frames = read_run(stream, max_bytes=most).frames
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as file:
            arrays = [file[name] for name in file.files if name != "metadata"]
        return [kept.serial for kept in frames], sum(array.nbytes for array in arrays)

    engine, history = run_of(SETUP, frames=3)
    serials, whole = held(2**20)
    assert serials == [0, 1, 2, 3]
    assert held(whole) == (serials, whole)
    fewer, size = held(whole - 1)
    assert fewer == [1, 2, 3]
    assert size < whole
    assert held(size)[0] == fewer
    alone = held(size // 3)
    assert alone[0] in ([], [3])


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: {"record": np.full_like(frame.record, np.inf)},  # not finite
        lambda frame: {"post": np.full_like(frame.post, np.nan)},
        lambda frame: {"pre": frame.pre[:1]},  # another batch size
        lambda frame: {"step": frame.step + 9},  # of another time
    ],
)
def test_frames_that_do_not_fit_are_left_out_and_what_is_older(change):
    engine, history = run_of(SETUP, frames=2)
    first, second, third = history
    odd = replace(second.frame, **change(second.frame))
    frames = (first, replace(second, frame=odd), third)
    saved = reopened(SavedRun(SETUP, engine.snapshot(), frames=frames))
    assert [kept.serial for kept in saved.frames] == [2]


def test_a_run_that_broke_off_keeps_what_came_before():
    engine, history = run_of(SETUP, frames=2)
    wild = replace(SETUP, eta=1e30, w_bound=0.0, circuit="linear")
    broken = engine.run(wild.settings(), 50)
    assert not broken.finite
    history.add(engine, broken)
    saved = reopened(saved_of(SETUP, engine, history))
    assert [kept.serial for kept in saved.frames] == [0, 1, 2]


def test_the_optimiser_of_the_frames_may_not_be_that_of_the_run():
    engine, history = run_of(SETUP, frames=2)
    engine.set_optimiser("nag")
    engine.set_batch_size(1)
    setup = replace(SETUP, optim_type="nag", batch_size=1)
    saved = reopened(saved_of(setup, engine, history))
    identical(saved.state, engine.state)
    assert [kept.frame.optim_type for kept in saved.frames] == ["sgd"] * 3
