"""The address says all there is to say, and reads back what it said."""

from urllib.parse import parse_qsl

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebbscope.controls.address import MOST_STEPS, Address, parse, read_address, text_of
from hebbscope.controls.controls import DRAWN
from hebbscope.controls.drawings import Drawing
from hebbscope.controls.knobs import Choice, Knob, WholeKnob
from hebbscope.page.bars.sidebar import GROUP_NAMES
from hebbscope.panels.registry import BenchControls

ENTRIES = BenchControls().entries()


def values_of(controls):
    return {name: getattr(group, control) for name, (group, control) in controls.entries().items()}


def anything(name):
    """A strategy for values of a control."""
    group, control = ENTRIES[name]
    described = group.param[control]
    if isinstance(described, Choice):
        return st.sampled_from(described.objects)
    if isinstance(described, WholeKnob):
        return st.integers(*map(int, described.bounds))
    if isinstance(described, Knob):
        return st.floats(*described.bounds)
    return st.booleans()


@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_whatever_is_set_comes_back_from_the_address(data):
    controls = BenchControls()
    for name in data.draw(st.lists(st.sampled_from(list(ENTRIES)), max_size=12, unique=True)):
        group, control = controls.entries()[name]
        setattr(group, control, data.draw(anything(name)))
    query = Address(controls.values()).query()
    address, complaints = read_address(dict(parse_qsl(query)), GROUP_NAMES, ())
    assert complaints == []
    again = BenchControls()
    assert again.apply(address.controls) == []
    assert values_of(again) == values_of(controls)


@pytest.mark.parametrize("name", ENTRIES)
def test_text_of_a_value_is_read_back_exactly(name):
    group, control = ENTRIES[name]
    value = getattr(group, control)
    assert parse(group.param[control], text_of(value)) == value


def test_an_untouched_page_has_an_empty_address():
    assert Address(BenchControls().values()).query() == ""


def test_an_end_of_an_axis_that_is_the_default_of_another_axis_is_told():
    controls = BenchControls()
    controls.map.map_x = "w_bound"
    controls.map.x_from = controls.map.param["x_from"].default
    again = BenchControls()
    again.apply(controls.values())
    assert again.map.x_from == controls.map.x_from


def test_load_sets_the_rest_to_its_defaults():
    controls = BenchControls()
    controls.apply({"eta": "0.3", "prior": "l1", "b_eta": "0.4", "map_x": "w_bound"})
    assert controls.load({"w_bound": "2.0", "nonsense": "1"}) == [
        "There is no control called “nonsense”."
    ]
    wanted = BenchControls()
    wanted.bound.w_bound = 2.0
    assert values_of(controls) == values_of(wanted)


def test_drawings_travel_along():
    controls = BenchControls()
    random = np.random.default_rng(0)
    drawn = [
        Drawing(str(i), *(random.integers(-1, 2, k).astype(np.float32) for k in (64, 32)))
        for i in range(3)
    ]
    controls.drawings.replace(drawn)
    again = BenchControls()
    assert again.apply(controls.values()) == []
    for mine, theirs in zip(controls.drawings.all, again.drawings.all, strict=True):
        np.testing.assert_array_equal(mine.pre, theirs.pre)
        np.testing.assert_array_equal(mine.target, theirs.target)
    controls.load({})
    assert controls.drawings.all == ()
    assert controls.apply({DRAWN: "no drawing"}) == [
        f"{DRAWN}: that is not a drawing written by this page."
    ]


@pytest.mark.parametrize(
    ("arguments", "address", "says"),
    [
        ({"hide": "rule, Network"}, Address(hide=("rule", "network")), []),
        ({"hide": "rule,nobody"}, Address(hide=("rule",)), ["hide = nobody: there is no such"]),
        ({"lesson": "sign"}, Address(lesson="sign"), []),
        ({"lesson": "<b>"}, Address(), ["lesson = <b>: there is no such lesson"]),
        ({"embed": "1"}, Address(embed=True), []),
        ({"embed": "maybe"}, Address(), ["embed = maybe: say true or false"]),
        ({"steps": "300"}, Address(steps=300), []),
        ({"steps": "0.5"}, Address(), ["steps = 0.5: it must be a whole number"]),
        ({"steps": str(MOST_STEPS + 1)}, Address(), ["it must lie between 0 and"]),
        ({"steps": "nan"}, Address(), ["it must lie between"]),
        ({"theme": "dark", "eta": "0.1"}, Address({"eta": "0.1"}), []),
    ],
)
def test_what_stands_beside_the_controls(arguments, address, says):
    found, complaints = read_address(arguments, GROUP_NAMES, ("sign",))
    assert found == address
    assert len(complaints) == len(says)
    for complaint, said in zip(complaints, says, strict=True):
        assert said in complaint
    again, _ = read_address(dict(parse_qsl(found.query())), GROUP_NAMES, ("sign",))
    assert again == found
