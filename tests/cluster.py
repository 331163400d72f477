"""A dask.distributed cluster of processes on loopback, for tests and measurements."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]


@contextmanager
def cluster(folder, workers=2):
    """Give the address of a scheduler, and the processes of its workers; logs go to ``folder``."""
    note, running = folder / "scheduler.json", []
    with (folder / "cluster.txt").open("w") as log:

        def start(what, *arguments):
            command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments]
            running.append(
                subprocess.Popen(
                    [*command, "--host", "127.0.0.1", "--no-dashboard"],
                    cwd=ROOT,
                    env={**os.environ, "PYTHONPATH": str(ROOT)},
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

        try:
            start("scheduler", "--port", "0", "--scheduler-file", str(note))
            deadline = time.monotonic() + 60
            while not (note.exists() and note.read_text()):
                assert time.monotonic() < deadline, "the scheduler does not start"
                time.sleep(0.05)
            address = json.loads(note.read_text())["address"]
            for _ in range(workers):
                start(
                    "worker",
                    address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--local-directory",
                    str(folder),
                )
            yield address, running[1:]
        finally:
            # A worker that is told to end waits for its scheduler, which may have gone first.
            for process in reversed(running):
                process.kill()
                process.wait()
