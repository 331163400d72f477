"""``python -m hebb_core.sweep``: what it reads, what it writes, and that it goes on after a kill."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hebb_core.sweep import SweepResult, sweep
from hebb_core.sweep.__main__ import main
from hebb_core.sweep.config import EXAMPLE, read_config

from ..runs import same_sweep

SMALL = """
steps = 40
seeds = [1]
[rule]
prior = "l2"
prior_lambda = 0.05
[network]
n_pre = 6
n_post = 4
[pattern]
name = "clusters"
prototypes = 3
[[axis]]
name = "eta"
scale = "log"
start = 0.001
stop = 1.0
count = 20
[[axis]]
name = "w_bound"
values = [0.5, 1.0]
"""


@pytest.fixture
def config(tmp_path):
    def write(text):
        path = tmp_path / "sweep.toml"
        path.write_text(text)
        return path

    return write


def test_it_writes_what_the_function_returns(config, tmp_path):
    out = tmp_path / "deep" / "result.npz"
    out.parent.mkdir()
    assert main([str(config(SMALL)), "--out", str(out)]) == 0
    same_sweep(SweepResult.load(out), sweep(read_config(SMALL)))
    assert [path.name for path in out.parent.iterdir()] == ["result.npz"]


def test_the_example_says_all_there_is():
    plan = read_config(EXAMPLE)
    assert plan.shape == (16, 3)
    assert plan.setup.prior == "l2"


def test_killed_it_goes_on_without_redoing_what_was_done(config, tmp_path, capfd):
    text = SMALL.replace("n_pre = 6", "n_pre = 300").replace("steps = 40", "steps = 500")
    text = text.replace("count = 20", "count = 60")
    path, out = config(text), tmp_path / "result.npz"
    parts = tmp_path / "result.npz.parts"
    command = [
        sys.executable,
        "-m",
        "hebb_core.sweep",
        str(path),
        "--out",
        str(out),
        "--max-mib",
        "1",
    ]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[3], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 180
    while len(list(parts.glob("*.npz"))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = {chunk: chunk.stat().st_mtime_ns for chunk in parts.glob("[0-9]*.npz")}
    assert len(kept) >= 2
    assert not out.exists()
    # One of them cut short, as by a full disk: it alone is done again.
    broken = next(iter(kept))
    os.truncate(broken, 100)

    from hebb_core.sweep import finished_chunks as module

    written, keep = [], module.Parts.keep
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module.Parts, "keep", lambda self, chunk: written.append(chunk) or keep(self, chunk)
        )
        assert main([str(path), "--out", str(out), "--max-mib", "1"]) == 0
    done = {int(chunk.cells[0]) for chunk in written}
    assert int(broken.stem) in done
    assert done.isdisjoint(int(chunk.stem) for chunk in kept if chunk != broken)
    same_sweep(SweepResult.load(out), sweep(read_config(text), max_bytes=2**20))


def test_chunks_of_another_sweep_are_not_mixed_in(config, tmp_path, capfd):
    out = tmp_path / "result.npz"
    folder = tmp_path / "result.npz.parts"
    folder.mkdir()
    (folder / "sweep").write_text("another")
    (folder / "0.npz").write_bytes(b"")
    assert main([str(config(SMALL)), "--out", str(out)]) == 2
    assert "another sweep" in capfd.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("steps = ", "Invalid value"),
        ("steps = 10", "axis"),
        (SMALL.replace("steps = 40", ""), "steps"),
        (SMALL.replace("steps = 40", "steps = 0"), "steps"),
        (SMALL.replace('name = "eta"', 'name = "speed"'), "speed"),
        (SMALL.replace("prior_lambda = 0.05", "lambda = 0.05"), "lambda"),
        (SMALL.replace('prior = "l2"', "prior = 2"), "prior"),
        (SMALL.replace("n_pre = 6", "n_pre = -6"), "n_pre"),
        (SMALL.replace("prototypes = 3", "petals = 3"), "petals"),
        (SMALL.replace("values = [0.5, 1.0]", "values = [0.5]\ncount = 3"), "w_bound"),
        (SMALL.replace("count = 20", ""), "count"),
        (SMALL.replace('"log"', '"cubic"'), "cubic"),
        (SMALL.replace("seeds = [1]", "seeds = 1"), "seeds"),
        (SMALL.replace("[rule]", "[rules]"), "rules"),
    ],
)
def test_what_is_wrong_in_a_file_is_said(config, tmp_path, capfd, text, says):
    assert main([str(config(text)), "--out", str(tmp_path / "r.npz")]) == 2
    told = capfd.readouterr().err
    assert says in told
    assert "Traceback" not in told


def test_killed_before_its_first_chunk_it_starts_again(config, tmp_path):
    (tmp_path / "result.npz.parts").mkdir()
    assert main([str(config(SMALL)), "--out", str(tmp_path / "result.npz")]) == 0


def test_a_place_that_cannot_be_written_is_said(config, tmp_path, capfd, monkeypatch):
    assert main([str(config(SMALL)), "--out", str(tmp_path)]) == 2
    assert "directory" in capfd.readouterr().err

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("hebb_core.sweep.finished_chunks.Parts.keep", full)
    assert main([str(config(SMALL)), "--out", str(tmp_path / "r.npz")]) == 2
    told = capfd.readouterr().err
    assert "r.npz" in told
    assert "No space" in told


def test_a_missing_file_is_said(config, tmp_path, capfd):
    assert main([str(tmp_path / "none.toml"), "--out", str(tmp_path / "r.npz")]) == 2
    assert "none.toml" in capfd.readouterr().err
