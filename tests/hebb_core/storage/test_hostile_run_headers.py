"""What a run says of itself, as anyone may have written it: refused in plain words, or possible."""

from __future__ import annotations

import io

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core.run.engine import Engine
from hebb_core.storage.run_file import read_run
from hebb_core.storage.run_header import MAX_BATCH, MAX_FRAMES

from ..hostile import members_of, npy, zipped
from ..hostile_runs import assert_refused, good_run, opened, retold
from ..saved_runs import SETUP, settings_of, written


@pytest.fixture(scope="module")
def good() -> bytes:
    return good_run()


@pytest.mark.parametrize(
    ("edit", "match"),
    [
        (lambda d: d.update(kind="synapse"), "holds a 'synapse', not a 'run'"),
        (lambda d: d.update(version=99), "format version 99"),
        (lambda d: d["content"].pop("setup"), "lacks the entry 'setup'"),
        (lambda d: d["content"].pop("twin"), "lacks the entry 'twin'"),
        (lambda d: d["content"].update(twin=None), "lacks the arrays"),
        (lambda d: d["content"].update(setup=3), "setup must be a table"),
        (lambda d: d["content"]["setup"].update(eta="0.1"), "eta must be a real number"),
        (lambda d: d["content"]["setup"].update(eta=float("nan")), "eta must be finite"),
        (lambda d: d["content"]["setup"].update(eta=10**400), "cannot be"),
        (lambda d: d["content"]["setup"].update(w_bound=-1), "w_bound must be >= 0"),
        (lambda d: d["content"]["setup"].update(prior=["l2"]), "prior must be one of"),
        (lambda d: d["content"]["setup"].update(optim_type="adam"), "lacks the arrays"),
        (lambda d: d["content"]["setup"].update(optim_type="rmsprop"), "optim_type"),
        (lambda d: d["content"]["setup"].update(circuit="magic"), "circuit must be one of"),
        (lambda d: d["content"]["setup"].update(circuit_values=[1]), "circuit_values must be"),
        (lambda d: d["content"]["setup"].update(pattern_values={"name": 1}), "cannot be"),
        (lambda d: d["content"]["setup"].update(pattern_values={"noise": 9}), "noise"),
        (lambda d: d["content"]["setup"].update(learn_bias=1), "learn_bias"),
        (lambda d: d["content"]["setup"].update(surprise=1), "surprise, which this version"),
        (lambda d: d["content"]["setup"].update(bank=[[1]]), "bank, which this version"),
        (lambda d: d["content"]["setup"].update(batch_size=10**9), f"{MAX_BATCH}"),
        (lambda d: d["content"]["setup"].pop("batch_size"), "batch_size"),
        (lambda d: d["content"]["setup"].pop("network"), "network must be a table"),
        (lambda d: d["content"]["setup"]["network"].update(n_pre=10**12), r"n_pre must be in"),
        (lambda d: d["content"]["setup"]["network"].update(n_post=4097), r"\[1, 4096\]"),
        (lambda d: d["content"]["setup"]["network"].update(n_pre=[6] * 10**5), "n_pre must be"),
        (lambda d: d["content"]["setup"]["network"].update(n_pre=4096), "twins cannot differ"),
        (lambda d: d["content"]["setup"]["network"].update(p_conn=0.0), "p_conn"),
        (lambda d: d["content"]["setup"]["network"].update(seed=-1), "seed"),
        (lambda d: d["content"]["setup"]["network"].update(weight_init="eye"), "weight_init"),
        (lambda d: d["content"]["setup"]["network"].update(weight_init=[["a"]]), "weight_init"),
        (
            lambda d: d["content"]["setup"]["network"].update(weight_init=["eval", "1"]),
            "one of",
        ),
        (lambda d: d["content"].update(key_impl="dice"), "dice"),
        (lambda d: d["content"].update(key_impl=3), "key_impl must be a string"),
        (lambda d: d["content"].update(key_impl="rbg"), "key"),
        (lambda d: d["content"].update(drawn=10**9), "drawn patterns must be"),
        (lambda d: d["content"].update(drawn=2), "bank.pre"),
        (lambda d: d["content"].update(frames=None), "has .'frames"),
        (lambda d: d["content"].update(frames=[]), "frames must be a table"),
        (lambda d: d["content"]["frames"].update(count=10**9), f"{MAX_FRAMES}"),
        (lambda d: d["content"]["frames"].update(count=3), "frames"),
        (lambda d: d["content"]["frames"].update(steps=10**9), "steps of frames"),
        (lambda d: d["content"]["frames"].update(batch_size=0), "batch_size of frames"),
        (lambda d: d["content"]["frames"].update(optim_types=[]), "1 or 2 synapses"),
        (lambda d: d["content"]["frames"].update(optim_types=["sgd"] * 9), "1 or 2 synapses"),
        (lambda d: d["content"]["frames"].update(optim_types=[{}, {}]), "optim_type"),
        (lambda d: d["content"]["frames"].update(metrics=["x"]), "other metrics"),
        (lambda d: d["content"]["frames"].update(hyper=["x"]), "other hyper"),
        (lambda d: d["content"].update(own=[]), "own must be a table"),
        (lambda d: d["content"].update(own={"a": 3}), "cannot be"),
        (lambda d: d["content"].update(own={"traces": [[4, 7], "object"]}), "traces must be"),
        (
            lambda d: d["content"].update(own={"traces": [[4, 7], ["float32"]]}),
            "traces must be",
        ),
        (
            lambda d: d["content"].update(own={"traces": [[-4, -7], "float32"]}),
            "size of traces",
        ),
        (lambda d: d["content"].update(own={"traces": [[2**30] * 8, "float32"]}), "own.traces"),
        (lambda d: d["content"].update(own={"traces": [[1] * 10**5, "float32"]}), "axes"),
        (lambda d: d["content"].update(own={"x" * 61: [[1], "uint8"]}), "60 letters at most"),
        (lambda d: d["content"].update(own={"../x": [[4, 7], "float32"]}), "lacks"),
        (lambda d: d["content"].update(notes=[]), "notes must be a table"),
        (lambda d: d["content"].update(notes={"x": float("nan")}), "cannot be"),
    ],
)
def test_what_cannot_be_is_refused(good, edit, match):
    assert_refused(retold(good, edit), match)


@given(data=st.data())
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_any_value_anywhere_is_refused_or_can_be(good, data):
    values = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**70), 2**70),
        st.floats(),
        st.text(max_size=9),
        st.just([]),
        st.just({}),
        st.just([[[]]]),
        st.just({"a": 1}),
    )

    def edit(document):
        place = document["content"]
        while True:
            keys = range(len(place)) if isinstance(place, list) else sorted(place)
            key = data.draw(st.sampled_from(keys))
            inner = place[key]
            if not isinstance(inner, (dict, list)) or not inner or data.draw(st.booleans()):
                place[key] = data.draw(values)
                return
            place = inner

    saved = opened(retold(good, edit))
    if saved is None:
        return
    # A number in range in place of another: then all that was read can be used and saved.
    assert read_run(io.BytesIO(written(saved))).setup == saved.setup
    engine = Engine(batch_size=SETUP.batch_size)
    twin = None if saved.twin is None else saved.twin.optim_type
    engine.resume(saved.state, saved.setup.network, saved.setup.optim_type, twin)
    before = int(saved.state.step)
    frame = engine.run(settings_of(saved.setup, saved.twin))
    assert frame.step == before + frame.finite


def test_keys_that_steps_cannot_draw_with_are_refused(good):
    for impl in ("rbg", "unsafe_rbg"):
        key = np.asarray(jax.random.key_data(jax.random.key(0, impl=impl)))
        changed = retold(good, lambda d, impl=impl: d["content"].update(key_impl=impl))
        data = zipped({**members_of(changed), "key.npy": npy(key)})
        assert_refused(data, f"key_impl must be 'threefry2x32', got '{impl}'")


def test_old_files_without_a_later_setting_take_its_default(good):
    def edit(document):
        for which in ("setup", "twin"):
            document["content"][which].pop("resist_scale")

    assert read_run(io.BytesIO(retold(good, edit))).setup == SETUP
