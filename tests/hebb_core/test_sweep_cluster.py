"""Sweeps on a real scheduler with worker processes, one of which dies in the middle."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from hebb_core.engine import Network
from hebb_core.sweep import OUTCOMES, Axis, Plan, Setup, SweepResult, sweep
from hebb_core.sweep import cluster as cluster_module
from hebb_core.sweep.__main__ import main
from hebb_core.sweep.cluster import cluster_executor
from hebb_core.sweep.config import EXAMPLE, read_config

ROOT = Path(__file__).parents[2]
QUIET = {**os.environ, "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A scheduler on loopback and its two workers: an address, and the workers' processes."""
    tmp_path = tmp_path_factory.mktemp("cluster")
    log = (tmp_path / "cluster.txt").open("w")

    def start(*arguments):
        return subprocess.Popen(
            [sys.executable, "-m", "distributed.cli.dask_" + arguments[0], *arguments[1:]],
            cwd=ROOT, env=QUIET, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip

    note = tmp_path / "scheduler.json"
    here = ["--host", "127.0.0.1"]
    scheduler = start(
        "scheduler", *here, "--port", "0", "--no-dashboard", "--scheduler-file", str(note)
    )
    deadline = time.monotonic() + 60
    while not note.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    address = json.loads(note.read_text())["address"]
    workers = [
        start(
            "worker", address, *here, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(tmp_path),
        )
        for _ in range(2)
    ]  # fmt: skip
    yield address, workers
    for process in (*workers, scheduler):
        if process.poll() is None:
            process.terminate()
    for process in (*workers, scheduler):
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    log.close()


def same(one, other):
    for name in OUTCOMES:
        np.testing.assert_array_equal(one[name], other[name])
    np.testing.assert_array_equal(one.weights, other.weights)


def test_the_command_runs_on_a_cluster(cluster, tmp_path):
    path, out = tmp_path / "sweep.toml", tmp_path / "result.npz"
    path.write_text(EXAMPLE)
    assert main([str(path), "--out", str(out), "--scheduler", cluster[0]]) == 0
    same(SweepResult.load(out), sweep(read_config(EXAMPLE)))


def test_a_worker_that_dies_changes_no_number(cluster):
    address, workers = cluster
    setup = Setup(network=Network(200, 8), pattern="clusters", prior="l2", prior_lambda=0.02)
    plan = Plan(setup, (Axis.log("eta", 1e-3, 0.3, 12), Axis.linear("w_bound", 0.2, 2, 12)), 1000)
    killed = threading.Event()

    def progress(done, of):
        if done < of and not killed.is_set():
            killed.set()
            workers[0].send_signal(signal.SIGKILL)

    with cluster_executor(address) as (executor, ahead):
        assert ahead == 4
        result = sweep(plan, executor=executor, ahead=ahead, max_bytes=2**21, progress=progress)
    assert killed.is_set()
    assert workers[0].wait(20) == -signal.SIGKILL
    same(result, sweep(plan, max_bytes=2**21))


def test_a_scheduler_that_is_not_there_is_said(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(cluster_module, "_PATIENCE", 1)
    path, out = tmp_path / "sweep.toml", tmp_path / "result.npz"
    path.write_text(EXAMPLE)
    assert main([str(path), "--out", str(out), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "tcp://127.0.0.1:9" in capfd.readouterr().err
    assert not out.exists()
