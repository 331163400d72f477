"""Files that anyone may have written: foreign, damaged, huge. None harms, all are refused."""

from __future__ import annotations

import io
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hebb_core import HebbianSynapse
from hebb_core.storage.archive import ArchiveError
from hebb_core.storage.checkpoint import (
    ArraySpec,
    CheckpointError,
    read_checkpoint,
    write_checkpoint,
)

from ..hostile import Bomb, edited_metadata, npy
from ..saved import COMPARTMENTS, SMALL, active, assert_refused, everything, read


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rewrite(path: Path, members: dict[str, bytes], **options) -> None:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members.items():
            archive.writestr(name, data)


class TestForeignFiles:
    @pytest.mark.parametrize(
        ("content", "match"),
        [
            (b"", "truncated"),
            (b"weights", "truncated"),
            (bytes(range(256)) * 40, "truncated"),
            (npy(np.zeros((3, 2), np.float32)), "truncated"),
            (b"PK\x05\x06" + bytes(18), "no metadata"),
        ],
    )
    def test_other_bytes_are_refused(self, tmp_path, content, match):
        (tmp_path / "W.npz").write_bytes(content)
        assert_refused(active(), tmp_path, match)

    def test_an_npz_of_another_program_is_refused(self, tmp_path):
        np.savez(tmp_path / "W.npz", weights=np.zeros((3, 2), np.float32))
        assert_refused(active(), tmp_path, "another program")
        np.savez(tmp_path / "W.npz", metadata=np.frombuffer(b"{}", np.uint8))
        assert_refused(active(), tmp_path, "another program")
        np.savez(tmp_path / "W.npz", metadata=np.frombuffer(b"[[[", np.uint8))
        assert_refused(active(), tmp_path, "damaged")
        deep = np.frombuffer(b"[" * 100_000, np.uint8)
        np.savez(tmp_path / "W.npz", metadata=deep)
        assert_refused(active(), tmp_path, "damaged")

    def test_pickles_are_never_opened(self, tmp_path):
        trace = tmp_path / "trace"
        made = active()
        path = made.save(tmp_path)
        members = members_of(path)
        path.write_bytes(pickle.dumps(Bomb(trace)))
        assert_refused(made, tmp_path, "truncated")
        hostile = npy(np.array([[Bomb(trace)] * 2] * 3, object), allow_pickle=True)
        # Padded, so that its size alone does not give it away.
        spec = ArraySpec((len(hostile) // 4, 1))
        rewrite(path, {**members, "weights.npy": hostile})
        assert_refused(made, tmp_path, "weights")
        rewrite(path, {"metadata.npy": members["metadata.npy"], "a.npy": hostile})
        with pytest.raises(CheckpointError, match="pickled objects"):
            read_checkpoint(path, kind="synapse", layout=lambda _: {"a": spec})
        rewrite(path, {**members, "metadata.npy": hostile})
        assert_refused(made, tmp_path, "pickled objects")
        assert not trace.exists()

    @pytest.mark.parametrize("name", [*COMPARTMENTS, "opt_params.1", "opt_params.2"])
    @pytest.mark.parametrize(
        ("spoil", "match"),
        [
            (lambda x: np.full_like(x, np.nan), "NaN"),
            (lambda x: np.where(np.arange(x.size).reshape(x.shape) == 0, np.inf, x), "NaN"),
            (lambda x: x[None], "not"),
            (lambda x: np.zeros((7, 5), np.float32), "not"),
            (lambda x: x.astype(np.float64), "not"),
            (lambda x: x.view(np.int32), "not"),
            (lambda x: x.astype(">f4"), "not"),
            (lambda x: np.asfortranarray(np.ones((3, 2), np.float32)), "not"),
        ],
    )
    def test_a_wrong_array_is_refused(self, tmp_path, name, spoil, match):
        made = active(optim_type="adam")
        path = made.save(tmp_path)
        members = members_of(path)
        array = np.load(io.BytesIO(members[f"{name}.npy"]))
        rewrite(path, {**members, f"{name}.npy": npy(spoil(array))})
        assert_refused(made, tmp_path, match)

    def test_arrays_that_contradict_each_other_are_refused(self, tmp_path):
        made = active(p_conn=0.5)
        path = made.save(tmp_path)
        members = members_of(path)
        ones = npy(np.ones((3, 2), np.float32))
        rewrite(path, {**members, "weights.npy": ones})
        assert_refused(made, tmp_path, "no connection")
        halves = npy(np.full((3, 2), 0.5, np.float32))
        rewrite(path, {**members, "mask.npy": halves})
        assert_refused(made, tmp_path, "other values than 0 and 1")

    def test_missing_and_additional_arrays_are_named(self, tmp_path):
        made = active()
        path = made.save(tmp_path)
        members = members_of(path)
        rewrite(path, {k: v for k, v in members.items() if k != "pre.npy"})
        assert_refused(made, tmp_path, "pre")
        for name in ("extra.npy", "code.py", "../weights.npy", "/weights.npy", "a/b.npy", "x.NPY"):
            rewrite(path, {**members, name: members["pre.npy"]})
            assert_refused(made, tmp_path, "extra|unexpected")

    def test_long_names_are_not_repeated(self, tmp_path):
        made = active()
        path = made.save(tmp_path)
        # As it is quoted, each of its letters takes four.
        rewrite(path, {**members_of(path), "\x01" * 50_000: b""})
        with pytest.raises(CheckpointError, match="unexpected member") as refusal:
            made.load(tmp_path)
        assert len(str(refusal.value)) < 1000 + len(str(path))
        assert len(str(ArchiveError("x" * 10**6))) < 1000

    def test_a_disk_with_a_fault_is_a_damaged_file(self, tmp_path):
        class Faulty(io.BytesIO):
            def read(self, size=-1):
                if self.tell() < 1000:
                    raise OSError("input/output error")
                return super().read(size)

        path = write_checkpoint(tmp_path / "run.npz", {"a": np.zeros(2000)}, {}, kind="test")
        specs = {"a": ArraySpec((2000,), "float64")}
        with pytest.raises(CheckpointError, match=r"the file: it is damaged.*input/output"):
            read(Faulty(path.read_bytes()), layout=lambda _: specs)

    @pytest.mark.parametrize(
        ("edit", "match"),
        [
            (lambda d: d.update(version=2), "version 2"),
            (lambda d: d.update(format="other"), "another program"),
            (lambda d: d.update(kind="run"), "'run'"),
            (lambda d: d.update(content=[]), "no content"),
            (lambda d: d["content"].pop("shape"), "shape"),
            (lambda d: d["content"].update(shape=[2, 3]), "shape"),
            (lambda d: d["content"].update(p_conn=2.0), "p_conn"),
            (lambda d: d["content"].update(key_impl="dice"), "dice"),
            (lambda d: d["content"].update(mask_shape=[10**9, 10**9]), "mask"),
            (lambda d: d["content"].update(mask_shape=3), "damaged"),
            (lambda d: d["content"].pop("hyperparameters"), "hyperparameters"),
            (lambda d: d["content"]["hyperparameters"].pop("eta"), "hyperparameters"),
            (lambda d: d["content"]["hyperparameters"].update(eta="0.1"), "eta"),
            (lambda d: d["content"]["hyperparameters"].update(eta=float("nan")), "eta"),
            (lambda d: d["content"]["hyperparameters"].update(eta=10**400), "damaged"),
            (lambda d: d["content"]["hyperparameters"].update(w_bound=-1), "w_bound"),
            (lambda d: d["content"]["hyperparameters"].update(prior=["l3", 1]), "prior"),
            (lambda d: d["content"]["hyperparameters"].update(learn_bias=True), "learn_bias"),
        ],
    )
    def test_wrong_metadata_are_refused(self, tmp_path, edit, match):
        made = active()
        path = made.save(tmp_path)
        members = members_of(path)
        changed = edited_metadata(members["metadata.npy"], edit)
        rewrite(path, {**members, "metadata.npy": changed})
        assert_refused(made, tmp_path, match)


class TestOversizedFiles:
    def test_more_than_the_limit_is_refused(self, tmp_path):
        big = {"a": np.zeros(10**6, np.float64)}
        path = write_checkpoint(tmp_path / "big.npz", big, {}, kind="test")
        specs = {"a": ArraySpec((10**6,), "float64")}
        assert read(path, layout=lambda _: specs, max_bytes=8 * 10**6).arrays["a"].size == 10**6
        with pytest.raises(CheckpointError, match="at most"):
            read(path, layout=lambda _: specs, max_bytes=10**6)

    def test_a_compression_bomb_is_refused_before_it_expands(self, tmp_path):
        made = active()
        path = made.save(tmp_path)
        members = members_of(path)
        bomb = npy(np.zeros((2**13, 2**13), np.float32))
        rewrite(path, {**members, "weights.npy": bomb}, compression=zipfile.ZIP_DEFLATED)
        assert path.stat().st_size < 2**20
        del bomb
        tracemalloc.start()
        try:
            assert_refused(made, tmp_path, "weights takes")
            assert tracemalloc.get_traced_memory()[1] < 2**22
        finally:
            tracemalloc.stop()

    def test_a_member_cannot_hold_more_than_it_declares(self, tmp_path):
        path = tmp_path / "run.npz"
        write_checkpoint(path, SMALL, {}, kind="test")
        members = members_of(path)
        bomb = members["a.npy"] + bytes(2**24)
        rewrite(path, {**members, "a.npy": bomb}, compression=zipfile.ZIP_DEFLATED)
        data = bytearray(path.read_bytes())
        # The declared size in both headers, cut to what the layout expects.
        for start in range(len(data) - 3):
            if struct.unpack_from("<I", data, start)[0] == len(bomb):
                struct.pack_into("<I", data, start, len(members["a.npy"]))
        path.write_bytes(data)
        tracemalloc.start()
        try:
            with pytest.raises(CheckpointError):
                read(path)
            assert tracemalloc.get_traced_memory()[1] < 2**22
        finally:
            tracemalloc.stop()

    def test_a_crowd_of_members_is_refused_before_it_is_listed(self, tmp_path):
        path = tmp_path / "run.npz"
        rewrite(path, {f"a{i}.npy": b"" for i in range(5000)})
        with pytest.raises(CheckpointError, match="5000 members"):
            read(path)

    def test_a_64_bit_directory_cannot_smuggle_in_more(self, tmp_path):
        path = write_checkpoint(tmp_path / "run.npz", SMALL, {}, kind="test")
        content = path.read_bytes()
        start = len(content) - 22
        count, size, offset = struct.unpack("<HII", content[start + 10 : start + 20])
        record = struct.pack(
            "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset
        )
        locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start, 1)
        path.write_bytes(content[:start] + record + locator + content[start:])
        with zipfile.ZipFile(path) as archive:
            assert len(archive.namelist()) == 3
        with pytest.raises(CheckpointError, match="64-bit"):
            read(path)

    def test_long_metadata_are_refused(self, tmp_path):
        path = tmp_path / "run.npz"
        text = npy(np.frombuffer(b" " * 2**22, np.uint8))
        rewrite(path, {"metadata.npy": text}, compression=zipfile.ZIP_DEFLATED)
        with pytest.raises(CheckpointError, match="at most"):
            read(path)

    def test_compressed_files_are_read(self, tmp_path):
        path = write_checkpoint(tmp_path / "run.npz", SMALL, {"x": 1}, kind="test")
        rewrite(path, members_of(path), compression=zipfile.ZIP_DEFLATED)
        np.testing.assert_array_equal(read(path).arrays["a"], SMALL["a"])
        rewrite(path, members_of(path), compression=zipfile.ZIP_BZIP2)
        with pytest.raises(CheckpointError, match="compressed"):
            read(path)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> tuple[HebbianSynapse, Path, bytes]:
    """A synapse, where its file goes, and the file's bytes."""
    made = active(optim_type="adam", p_conn=0.7)
    path = made.save(tmp_path_factory.mktemp("whole"))
    return made, path, path.read_bytes()


def loads_equal_or_refuses(whole, data: bytes) -> None:
    made, path, _ = whole
    before = everything(made)
    path.write_bytes(data)
    refusal = str(path)
    try:
        made.load(path.parent)
    except CheckpointError as error:
        refusal = str(error)
    assert str(path) in refusal
    assert everything(made) == before


@given(data=st.data())
@settings(max_examples=150, deadline=None, derandomize=True)
def test_every_truncation_is_refused(whole, data):
    made, path, content = whole
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert_refused(made, path.parent, str(path))


def test_truncation_at_every_boundary_is_refused(whole):
    made, path, content = whole
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        starts = [member.header_offset for member in archive.infolist()]
        starts.append(archive.start_dir)
    for offset in {*starts, *(s + 30 for s in starts), len(content) - 22, len(content) - 1}:
        path.write_bytes(content[:offset])
        assert_refused(made, path.parent, str(path))


@given(data=st.data())
@settings(
    max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_flipped_bytes_load_the_same_or_are_refused(whole, data):
    content = bytearray(whole[2])
    # Half of the flips in the directory at the end, which is where the parser can be misled.
    anywhere = st.integers(0, len(content) - 1)
    positions = st.one_of(anywhere, st.integers(len(content) - 900, len(content) - 1))
    for position in data.draw(st.lists(positions, min_size=1, max_size=4, unique=True)):
        content[position] ^= data.draw(st.integers(1, 255))
    loads_equal_or_refuses(whole, bytes(content))


@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_inserted_and_removed_bytes_load_the_same_or_are_refused(whole, data):
    content = whole[2]
    start = data.draw(st.integers(0, len(content)))
    removed = data.draw(st.integers(0, 64))
    inserted = data.draw(st.binary(max_size=64))
    loads_equal_or_refuses(whole, content[:start] + inserted + content[start + removed :])


@given(content=st.binary(max_size=400))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_arbitrary_bytes_are_refused(whole, content):
    made, path, _ = whole
    path.write_bytes(content)
    assert_refused(made, path.parent, str(path))
