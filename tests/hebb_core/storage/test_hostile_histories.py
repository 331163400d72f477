"""Histories that anyone may have written: each is refused in plain words, or is what it says."""

from __future__ import annotations

import io
import json
import os

import numpy as np
import pytest
import xarray
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core.storage.tables import history_npz, open_history

from ..hostile import Bomb, flipped, members_of, npy, peak_of, zipped
from ..saved_runs import SETUP, TWIN, run_of


def refused(data: bytes, match: str = "", **options) -> None:
    with pytest.raises(ValueError, match=f"no history of a run.*{match}") as refusal:
        open_history(io.BytesIO(data), **options)
    assert len(str(refusal.value)) < 1000


@pytest.fixture(scope="module")
def good() -> bytes:
    return history_npz(tuple(run_of(SETUP, TWIN, frames=1)[1]))


@pytest.fixture(scope="module")
def told(good):
    return open_history(io.BytesIO(good))


def edited(good: bytes, edit) -> bytes:
    """The same file, telling something else of its arrays."""
    members = members_of(good)
    about = json.loads(str(np.load(io.BytesIO(members["about.npy"]))))
    edit(about)
    return zipped({**members, "about.npy": npy(np.array(json.dumps(about)))})


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda about: about["dims"].pop("W"), "other arrays"),
        (lambda about: about["dims"].update(other=["pre"]), "other arrays"),
        (lambda about: about["dims"].update(W=["frame", "pre"]), "each axis of W"),
        (lambda about: about["dims"].update(W=["frame", "pre", "pre"]), "each axis of W"),
        (lambda about: about["dims"].update(W=["frame", "pre", 3]), "each axis of W"),
        (lambda about: about["dims"].update(W="abc"), "each axis of W"),
        (lambda about: about["dims"].update(W=["frame", "post", "pre"]), ""),
        (lambda about: about.update(dims=[]), "tables of names"),
        (lambda about: about.update(attrs=3), "tables of names"),
        (lambda about: about["variables"].update(W="weights"), "tables of names"),
        (lambda about: about.pop("variables"), "variables"),
    ],
)
def test_what_it_tells_must_fit_its_arrays(good, edit, match):
    refused(edited(good, edit), match)


@pytest.mark.parametrize(
    ("about", "match"),
    [
        (np.array("{"), "damaged"),
        (np.array("[" * 9000), "damaged"),
        (np.array("[]"), "damaged"),
        (np.array(["{}"]), "must be a single string"),
        (np.zeros(3, np.uint8), "must be a single string"),
        (np.array(" " * 2**19), "must be a single string"),
        # Numbers that no letter has.
        (np.array([2**30], np.uint32).view("<U1")[0:1].reshape(()), "holds an invalid character"),
        (np.array([0xD800], np.uint32).view("<U1")[0:1].reshape(()), "holds an invalid character"),
    ],
)
def test_what_it_tells_must_be_a_text_of_tables(good, about, match):
    refused(zipped({**members_of(good), "about.npy": npy(about)}), match)


def test_truth_values_are_true_or_false(good):
    moved = npy(np.array([2, 0], np.uint8)).replace(b"'|u1'", b"'|b1'")
    refused(zipped({**members_of(good), "moved.npy": moved}), "neither true nor false")


def test_pickles_are_never_opened(good, tmp_path):
    trace, members = tmp_path / "trace", members_of(good)
    hostile = npy(np.array([Bomb(trace)] * 2, object), allow_pickle=True)
    for name in members:
        refused(zipped({**members, name: hostile}), "pickled objects")
    assert not trace.exists()


def test_a_bomb_does_not_expand(good):
    bomb = npy(np.zeros((2, 6, 2**20, 4), np.float32)[0])
    data = zipped({**members_of(good), "W.npy": bomb})
    del bomb
    assert len(data) < 2**20
    assert peak_of(lambda: refused(data, "too much", max_bytes=2**20)) < 2**22


def test_limits_are_the_callers(good, told):
    size = told.nbytes
    xarray.testing.assert_identical(open_history(io.BytesIO(good), max_bytes=2 * size), told)
    large = npy(np.zeros(2**22, np.uint8))
    data = edited(
        zipped({**members_of(good), "more.npy": large}),
        lambda about: about["dims"].update(more=["more"]),
    )
    assert open_history(io.BytesIO(data)).more.size == 2**22
    refused(data, "too much", max_bytes=2**20)


def test_only_the_opening_raises_as_the_system_does(good, tmp_path):
    class Faulty(io.BytesIO):
        def read(self, size=-1):
            raise OSError("input/output error")

    with pytest.raises(ValueError, match=r"no history of a run.*input/output error"):
        open_history(Faulty(good))
    with pytest.raises(FileNotFoundError):
        open_history(tmp_path / "none.npz")
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(ValueError, match="not a regular file"):
        open_history(tmp_path / "pipe.npz")


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_flipped_bytes_open_the_same_or_are_refused(good, told, data):
    content = data.draw(flipped(good))
    found, refusal = told, "no history of a run"
    try:
        found = open_history(io.BytesIO(content))
    except ValueError as error:
        refusal = str(error)
    assert "no history of a run" in refusal
    xarray.testing.assert_identical(found, told)
