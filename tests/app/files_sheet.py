"""The sheet “Files”, with a browser that asks for pieces and sends them, as the real one does."""

from __future__ import annotations

import io

import numpy as np

from hebb_core.run.engine import Engine
from hebb_core.run.setup import Setup
from hebb_core.run.steps import Network
from hebb_core.storage.run_file import SavedRun, write_run
from hebbscope.sheets.chunked_upload import PIECE
from hebbscope.sheets.files.files import Files

from .visitor import run

PLAIN = Setup(
    network=Network(n_pre=8, n_post=5), prior="l2", prior_lambda=0.25, eta=0.125, circuit="softmax"
)


class Sheet:
    """The browser's side of the sheet."""

    def __init__(self, visitor):
        self.visitor = visitor
        self.complaints = []
        self.sent = []
        self.files = Files(visitor.session, self.complaints.append)
        self.told, self.tone = "", ""
        self.files._send_msg = self._sent

    def _sent(self, message):
        if message["kind"] == "said":
            self.told, self.tone = message["sentence"], message["tone"]
        else:
            self.sent.append(message)

    @property
    def bad(self):
        return self.tone == "bad"

    def say(self, kind, **fields):
        self.files.received({"kind": kind, **fields})

    async def idle(self):
        await self.visitor.until(lambda: self.files.work[0] == "")

    async def take(self, name, all_of_it=True):
        """Press a button, and return the file that comes: its name and content."""
        del self.sent[:]
        self.say("take", name=name, whole=all_of_it)
        await self.idle()
        assert self.sent, self.told
        [head] = self.sent
        content = b""
        while len(content) < head["size"]:
            self.say("more", number=head["number"], at=len(content))
            assert self.sent[-1]["at"] == len(content)
            content += self.sent[-1]["data"]
        assert len(content) == head["size"]
        return head["name"], content

    def upload(self, size, name="it.npz", number=1):
        self.say("upload", number=number, name=name, size=size)

    def data(self, at, piece, number=1):
        self.say("piece", number=number, at=at, piece=piece)

    async def open(self, content, name="it.npz"):
        del self.sent[:]
        self.upload(len(content), name)
        while self.sent and self.sent[-1]["kind"] == "more":
            at = self.sent.pop()["at"]
            self.data(at, bytes(content[at : at + PIECE]))
        await self.idle()


def bench(scenario, **values):
    async def with_sheet(visitor):
        await visitor.until(lambda: visitor.pictures and visitor.pictures[-1].step > 12)
        await visitor.settle()
        await scenario(visitor, Sheet(visitor))

    run(with_sheet, **values)


def weights(visitor):
    return np.array(visitor.session.run.engine.state.synapse.weights)


async def steps(visitor, count):
    goal = visitor.pictures[-1].step + count
    for _ in range(count):
        visitor.session.step()
    await visitor.until(lambda: visitor.pictures[-1].step == goal)


def file_of(setup, **more):
    engine = Engine(setup.network, batch_size=setup.batch_size, optim_type=setup.optim_type)
    file = io.BytesIO()
    write_run(file, SavedRun(setup, engine.snapshot(), **more))
    return file.getvalue()
