"""Changes that make the result of a run differ from a script of its settings."""

import pytest
from hypothesis import given
from hypothesis import settings as example_settings
from hypothesis import strategies as st

from hebbscope.session.run.provenance import Provenance

NOTHING = Provenance()


def test_a_run_of_its_settings_alone_has_nothing_to_tell():
    assert NOTHING.sentence() == ""
    # Nothing was learnt yet under the settings of before.
    assert NOTHING.move({"eta"}, 0) == NOTHING


def test_every_control_that_was_moved_is_told_however_many_moves_there_were():
    run = NOTHING.move({"w_bound"}, 1)
    for step in range(2, 1000):
        run = run.move({"eta"}, step)
    assert "moved during the run (eta, w_bound)" in run.sentence()


def test_the_first_weight_set_by_hand_counts():
    run = NOTHING.set_by_hand(7).set_by_hand(9)
    assert "set by hand after step 7" in run.sentence()
    assert run.back_to(7) == run
    assert run.back_to(6) == NOTHING


def test_controls_stay_moved_where_a_run_goes_back_but_to_its_start():
    run = NOTHING.move({"eta"}, 20)
    assert run.back_to(10) == run
    assert run.back_to(0) == NOTHING


def test_only_what_bears_on_one_synapse_is_told():
    run = NOTHING.move({"eta", "b_eta"}, 5).set_by_hand(5)
    assert run.only({"b_eta"}, by_hand=False) == NOTHING.move({"b_eta"}, 5)


def test_all_reasons_make_one_sentence():
    run = Provenance(frozenset({"eta"}), 3, other_start=True)
    assert run.sentence() == (
        "The settings alone do not reproduce this run: controls were moved during the run (eta), "
        "weights were set by hand after step 3, and it started from imported weights. The script "
        "uses the current settings from its first step on, and gives another result."
    )
    assert "may give another result" in Provenance(untold=True).sentence()


@pytest.mark.parametrize(
    "departures",
    [NOTHING, Provenance(frozenset({"eta", "b_prior"}), 0, True), Provenance(untold=True)],
)
def test_they_are_read_as_they_were_written(departures):
    assert Provenance.read(departures.noted()) == departures


GOOD = Provenance(frozenset({"eta"}), 3).noted()


@pytest.mark.parametrize(
    "noted",
    [
        None,
        5,
        [],
        {},
        "x",
        {**GOOD, "moved": "eta"},
        {**GOOD, "moved": [5]},
        {**GOOD, "moved": ["eta\nimport os"]},
        {**GOOD, "moved": ["x" * 65]},
        {**GOOD, "moved": ["eta"] * 501},
        {**GOOD, "by_hand": True},
        {**GOOD, "by_hand": -1},
        {**GOOD, "by_hand": 2**31},
        {**GOOD, "by_hand": 1.0},
        {**GOOD, "other_start": 1},
        {**GOOD, "untold": None},
    ],
)
def test_what_makes_no_sense_tells_nothing(noted):
    assert Provenance.read(noted) == Provenance(untold=True)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=4,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, JSON)))
@example_settings(derandomize=True, max_examples=200, deadline=None)
def test_whatever_a_file_says_it_can_be_told_and_written_again(noted):
    read = Provenance.read(noted)
    assert read.sentence().isprintable()
    assert Provenance.read(read.noted()) == read
