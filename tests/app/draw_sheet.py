"""The sheet for drawing of one visitor, and its browser."""

from __future__ import annotations

import base64

import numpy as np

from hebbscope.controls.controls import Controls
from hebbscope.controls.drawings import checked_drawing
from hebbscope.sheets.draw.sheet import DrawSheet

N, M = 16, 4


class Sheet:
    """The sheet of one visitor, and what its browser hears."""

    def __init__(self, *, opened=True):
        self.controls = Controls()
        self.controls.network.param.update(n_pre=N, n_post=M)
        self.heard, self.complaints = [], []
        self.sheet = DrawSheet(self.controls, self.complaints.append)
        self.sheet._send_msg = self.heard.append
        if opened:
            self.tell("opened")

    @property
    def patterns(self):
        return self.controls.drawings.all

    def last(self, kind):
        return next(m for m in reversed(self.heard) if m["kind"] == kind)

    def count(self, kind):
        return sum(m["kind"] == kind for m in self.heard)

    def tell(self, kind, **more):
        self.sheet.received({"kind": kind, **more})

    def put(self, at, pre, target=(1, 0, 0, 0), name="mine", **more):
        told = {"edition": self.last("patterns")["edition"], "at": at}
        self.tell("put", **{**told, "pattern": packed(pre, target, name), **more})


def text_of(values):
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode()


def packed(pre, target=(1, 0, 0, 0), name="mine"):
    return {"name": name, "pre": text_of(pre), "target": text_of(target)}


def of(value, n=N, m=M, name="mine"):
    return checked_drawing(name, np.full(n, value), np.full(m, value))
