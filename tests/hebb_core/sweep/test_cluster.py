"""Sweeps on a real scheduler with worker processes, one of which dies in the middle."""

import signal
import threading

import pytest

from hebb_core.run.engine import Network
from hebb_core.run.setup import Setup
from hebb_core.sweep import Axis, Plan, SweepResult, sweep
from hebb_core.sweep import cluster as cluster_module
from hebb_core.sweep.__main__ import main
from hebb_core.sweep.cluster import cluster_executor
from hebb_core.sweep.config import EXAMPLE, read_config

from ...cluster import cluster
from ..runs import same_sweep


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    with cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


def test_the_command_runs_on_a_cluster(two_workers, tmp_path):
    path, out = tmp_path / "sweep.toml", tmp_path / "result.npz"
    path.write_text(EXAMPLE)
    assert main([str(path), "--out", str(out), "--scheduler", two_workers[0]]) == 0
    same_sweep(SweepResult.load(out), sweep(read_config(EXAMPLE)))


def test_a_worker_that_dies_changes_no_number(two_workers):
    address, workers = two_workers
    setup = Setup(network=Network(200, 8), pattern="clusters", prior="l2", prior_lambda=0.02)
    plan = Plan(setup, (Axis.log("eta", 1e-3, 0.3, 12), Axis.linear("w_bound", 0.2, 2, 12)), 250)
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
    same_sweep(result, sweep(plan, max_bytes=2**21))


def test_a_scheduler_that_is_not_there_is_said(tmp_path, capfd, monkeypatch):
    monkeypatch.setattr(cluster_module, "_PATIENCE", 1)
    path, out = tmp_path / "sweep.toml", tmp_path / "result.npz"
    path.write_text(EXAMPLE)
    assert main([str(path), "--out", str(out), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "tcp://127.0.0.1:9" in capfd.readouterr().err
    assert not out.exists()
