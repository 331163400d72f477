"""The thread pools of the server, shared by all visitors.

Each kind of work has a pool of its own, so that none waits behind a slower kind.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .threads import give_way

__all__ = ["FILES", "FRAMES", "MAPS", "RECALL", "SMALL", "THEORY", "UPLOADS"]

#: Steps and frames of the runs; more threads would only compete for the cores.
FRAMES = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hebb-frames")

#: Predictions of theory, which may lag behind the frames: low priority.
THEORY = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-theory", initializer=give_way)

#: Recall curves, of low priority too; a point takes seconds.
RECALL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-recall", initializer=give_way)

#: Exports and opening of saved runs: seconds each.
FILES = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hebb-files")

#: Uploaded patterns: one at a time, which bounds the memory used by malicious files.
UPLOADS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-uploads")

#: QR codes, thumbnails and notes: a fraction of a second each.
SMALL = ThreadPoolExecutor(max_workers=2, thread_name_prefix="hebb-small")

#: Threads that wait for the process (or cluster) that computes maps.
MAPS = ThreadPoolExecutor(max_workers=8, thread_name_prefix="hebb-maps")
