"""Runs that anyone may have written: each is refused in plain words, or is what was saved."""

from __future__ import annotations

import io
import pickle
import zipfile

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core.checkpoint import CheckpointError
from hebb_core.engine import Engine
from hebb_core.run_file import SavedRun, read_run
from hebb_core.run_header import MAX_BATCH, MAX_FRAMES

from .hostile import Bomb, edited_metadata, npy, peak_of
from .saved_runs import SETUP, TWIN, bits, run_of, saved_of, settings_of, written

METADATA = "metadata.npy"


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def everything(saved: SavedRun) -> list:
    """All that a file gives back, to the bit."""
    frames = [
        (kept.serial, bits(kept.state), *(
            (bits((f.weights, f.previous, f.biases, f.pre, f.post, f.outputs, f.target, f.record,
                   f.hyper)), f.step, f.finite, f.moved, f.optim_type)
            for f in (kept.frame, kept.frame.twin)
        ))
        for kept in saved.frames
    ]  # fmt: skip
    return [saved.setup, saved.twin, bits(saved.state), frames, saved.notes, bits(saved.arrays)]


@pytest.fixture(scope="module")
def good() -> bytes:
    """A file with all that a file can hold but for what was drawn."""
    engine, history = run_of(SETUP, TWIN, frames=3)
    notes, arrays = {"controls": {"eta": 0.1}}, {"traces": np.ones((4, 7), np.float32)}
    return written(saved_of(SETUP, engine, history, twin=TWIN, notes=notes, arrays=arrays))


@pytest.fixture(scope="module")
def told(good) -> list:
    return everything(read_run(io.BytesIO(good)))


def assert_refused(data: bytes, match: str = "the file", **options) -> None:
    with pytest.raises(CheckpointError, match=match) as refusal:
        read_run(io.BytesIO(data), **options)
    assert len(str(refusal.value)) < 1000


def opened(data: bytes) -> SavedRun | None:
    """What a file holds; None if it is refused, in a sentence about the file."""
    saved, refusal = None, "the file"
    try:
        saved = read_run(io.BytesIO(data))
    except CheckpointError as error:
        refusal = str(error)
    assert refusal.startswith("the file")
    return saved


def assert_harmless(told: list, data: bytes) -> None:
    """Refused, or the same run."""
    saved = opened(data)
    assert saved is None or everything(saved) == told


class TestDamage:
    def test_every_truncation_is_refused(self, good):
        for end in range(len(good)):
            with pytest.raises(CheckpointError):
                read_run(io.BytesIO(good[:end]))

    @given(data=st.data())
    @settings(
        max_examples=250, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    def test_flipped_bytes(self, good, told, data):
        content = bytearray(good)
        directory = zipfile.ZipFile(io.BytesIO(good)).start_dir
        anywhere = st.integers(0, len(content) - 1)
        positions = st.one_of(anywhere, st.integers(directory, len(content) - 1))
        for position in data.draw(st.lists(positions, min_size=1, max_size=4, unique=True)):
            content[position] ^= data.draw(st.integers(1, 255))
        assert_harmless(told, bytes(content))

    @given(data=st.data())
    @settings(max_examples=100, deadline=None, derandomize=True)
    def test_inserted_and_removed_bytes(self, good, told, data):
        start = data.draw(st.integers(0, len(good)))
        removed, inserted = data.draw(st.integers(0, 64)), data.draw(st.binary(max_size=64))
        assert_harmless(told, good[:start] + inserted + good[start + removed :])

    @given(content=st.binary(max_size=400))
    @settings(max_examples=60, deadline=None, derandomize=True)
    def test_any_bytes(self, content):
        assert_refused(content)

    def test_paths_are_named(self, tmp_path, good):
        path = tmp_path / "run.npz"
        path.write_bytes(good[:-1])
        with pytest.raises(CheckpointError, match=r"run\.npz.*truncated"):
            read_run(path)
        with pytest.raises(FileNotFoundError):
            read_run(tmp_path / "none.npz")


class TestArrays:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda x: x[None],
            lambda x: np.full((2, 3, 5), 1, x.dtype),
            lambda x: x.astype(np.complex64),
            lambda x: x.astype(np.float64),
            lambda x: x.astype(x.dtype.newbyteorder(">")),
            lambda x: np.asarray(x, "S8"),
        ],
    )
    def test_of_another_shape_or_type(self, good, spoil):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA}):
            array = np.load(io.BytesIO(members[name]))
            if spoil(array).dtype == array.dtype == np.uint8 and spoil(array).shape == array.shape:
                continue  # a byte has no order
            assert_refused(packed({**members, name: npy(spoil(array))}))

    def test_filled_with_what_no_run_holds(self, good):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA, "key.npy", "own.traces.npy"}):
            array = np.load(io.BytesIO(members[name]))
            worst = {"f": (np.nan, np.inf, -np.inf), "i": (-1,), "u": (2, 255)}[array.dtype.kind]
            for value in worst:
                assert_refused(packed({**members, name: npy(np.full_like(array, value))}))

    @pytest.mark.parametrize(
        ("name", "value", "match"),
        [
            ("weights", np.nan, "weights holds NaN"),
            ("twin.biases", np.inf, "biases holds NaN"),
            ("weights", 1.0, "weights are set where the mask has no connection"),
            ("frames.weights", 1.0, "weights are set where"),
            ("frames.twin.previous.weights", 1.0, "weights are set where"),
            ("mask", 0.5, "mask holds other values"),
            ("step", -1, "step must be 0 or more"),
            ("opt.0", -1, "fewer than 0 steps"),
            ("twin.opt.3", -1.0, "mean of squares below 0"),
            ("frames.twin.opt.3", -1.0, "mean of squares below 0"),
            ("frames.record", np.nan, "frames.record holds NaN"),
            ("frames.serial", 5, "frames.serial must rise"),
            ("frames.serial", [-1, 0, 1, 2], "frames.serial must rise"),
            ("frames.step", [0, 1, 3, 2], "frames.step must not fall"),
            ("frames.step", -1, "frames.step must not"),
            ("frames.lengths", 3, "frames.lengths must be"),
            ("frames.lengths", [8, 1, -1, -1], "frames.lengths must be"),
            ("frames.moved", 2, "must be 0 or 1"),
            ("frames.hyper", -1.0, "hyperparameters out of range"),
            ("frames.twin.hyper", 0.5, "hyperparameters out of range"),
            ("own.traces", np.inf, "own.traces holds"),
        ],
    )
    def test_that_cannot_be_true(self, good, name, value, match):
        members = members_of(good)
        array = np.load(io.BytesIO(members[f"{name}.npy"]))
        array = np.broadcast_to(np.asarray(value, array.dtype), array.shape).copy()
        assert_refused(packed({**members, f"{name}.npy": npy(array)}), match)

    def test_missing_additional_and_unusual_ones(self, good):
        members = members_of(good)
        for name in sorted(set(members) - {METADATA}):
            rest = {other: data for other, data in members.items() if other != name}
            assert_refused(packed(rest), "lacks the arrays")
        for name in ("extra.npy", "code.py", "../weights.npy", "/weights.npy", "twin/weights.npy"):
            assert_refused(packed({**members, name: members["mask.npy"]}), "extra|unexpected")
        assert_refused(packed(members, zipfile.ZIP_BZIP2), "unusual")

    def test_pickles_are_never_opened(self, tmp_path, good):
        trace, members = tmp_path / "trace", members_of(good)
        assert_refused(pickle.dumps(Bomb(trace)), "truncated")
        hostile = npy(np.array([[Bomb(trace)] * 4] * 6, object), allow_pickle=True)
        for name in sorted(members):
            assert_refused(packed({**members, name: hostile}))
        for size in (96, 4096):
            # Padded to the size of what should be there.
            padded = hostile + bytes(max(len(members["weights.npy"]) - len(hostile), 0) + size)
            assert_refused(packed({**members, "weights.npy": padded}))
        assert not trace.exists()


class TestMetadata:
    @pytest.mark.parametrize(
        ("edit", "match"),
        [
            (lambda d: d.update(kind="synapse"), "holds a 'synapse', not a 'run'"),
            (lambda d: d.update(version=99), "format version 99"),
            (lambda d: d["content"].pop("setup"), "does not say 'setup'"),
            (lambda d: d["content"].pop("twin"), "does not say 'twin'"),
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
    def test_that_cannot_be_is_refused(self, good, edit, match):
        members = members_of(good)
        changed = edited_metadata(members[METADATA], edit)
        assert_refused(packed({**members, METADATA: changed}), match)

    @given(data=st.data())
    @settings(
        max_examples=150, deadline=None, derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )  # fmt: skip
    def test_any_value_anywhere_is_refused_or_can_be(self, good, data):
        values = st.one_of(
            st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=9),
            st.just([]), st.just({}), st.just([[[]]]), st.just({"a": 1}),
        )  # fmt: skip

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

        members = members_of(good)
        changed = packed({**members, METADATA: edited_metadata(members[METADATA], edit)})
        saved = opened(changed)
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

    def test_keys_that_steps_cannot_draw_with_are_refused(self, good):
        members = members_of(good)
        for impl in ("rbg", "unsafe_rbg"):
            key = np.asarray(jax.random.key_data(jax.random.key(0, impl=impl)))
            metadata = edited_metadata(
                members[METADATA], lambda d, impl=impl: d["content"].update(key_impl=impl)
            )
            data = packed({**members, METADATA: metadata, "key.npy": npy(key)})
            assert_refused(data, f"key_impl must be 'threefry2x32', got '{impl}'")

    def test_old_files_without_a_later_setting_take_its_default(self, good):
        def edit(document):
            for which in ("setup", "twin"):
                document["content"][which].pop("resist_scale")

        members = members_of(good)
        changed = packed({**members, METADATA: edited_metadata(members[METADATA], edit)})
        assert read_run(io.BytesIO(changed)).setup == SETUP


class TestSize:
    def test_limits_are_the_callers(self, good):
        assert_refused(good, r"n_pre must be in \[1, 5\]", max_units=5)
        members, size = members_of(good), 2**22
        big = edited_metadata(
            members[METADATA],
            lambda document: document["content"].update(own={"traces": [[size], "uint8"]}),
        )
        data = packed({**members, METADATA: big, "own.traces.npy": npy(np.zeros(size, np.uint8))})
        assert_refused(data, "arrays of 4[0-9]* bytes are too much", max_bytes=size // 4)
        assert read_run(io.BytesIO(data), max_units=6, max_bytes=2 * size).notes

    @pytest.mark.parametrize("name", ["weights", "frames.weights", "own.traces", "metadata"])
    def test_bombs_do_not_expand(self, good, name):
        bomb = npy(np.zeros(2**26, np.uint8))
        data = packed({**members_of(good), f"{name}.npy": bomb})
        del bomb
        assert len(data) < 2**18
        assert peak_of(lambda: assert_refused(data)) < 2**22
        assert peak_of(lambda: assert_refused(data, "too much|at most", max_bytes=2**20)) < 2**22

    def test_shapes_that_are_only_declared_take_no_memory(self, good):
        def edit(document):
            content = document["content"]
            for which in ("setup", "twin"):
                content[which]["network"].update(n_pre=4096, n_post=4096)
            content["frames"].update(count=MAX_FRAMES, batch_size=MAX_BATCH)

        members = members_of(good)
        data = packed({**members, METADATA: edited_metadata(members[METADATA], edit)})
        assert peak_of(lambda: assert_refused(data, "takes")) < 2**22
