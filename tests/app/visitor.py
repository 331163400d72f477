"""A session with a browser that paints when it is told to, for tests."""

import asyncio
from types import SimpleNamespace

import numpy as np

from hebbscope.panels.registry import BenchControls
from hebbscope.session.session import Session
from hebbscope.session.stream import FrameClock, Pace
from hebbscope.session.view import View


class Probe(View):
    """A panel that shows all there is to see."""

    def __init__(self, live=False):
        self.live = live
        self.seen = []
        self.open = True

    def ask(self):
        return True if self.open else None

    def compute(self, shot, asked):
        frame = shot.frame
        return SimpleNamespace(
            weights=np.array(frame.weights),
            d_weights=np.nan_to_num(frame.d_weights),
            pre=frame.pre,
            step=frame.step,
            shape=frame.shape,
            fresh=shot.fresh,
            serial=shot.serial,
            moved=frame.moved,
            steps=shot.traces.recent()[0],
            marks=shot.traces.marks,
            last=shot.history.last,
        )

    def draw(self, part):
        self.seen.append(part)


class Visitor:
    """A session with a browser that paints when it is told to."""

    def __init__(self, **values):
        self.controls = BenchControls()
        assert self.controls.apply({k: str(v) for k, v in values.items()}) == []
        self.clock = FrameClock()
        self.pace = Pace(self.clock)
        self.probe, self.live = Probe(), Probe(live=True)
        self.pictures, self.statuses, self.complaints = self.probe.seen, [], []
        self.session = Session(self.controls, self.pace, notify=self.complaints.append)
        self.session.attach(self)
        self.session.add_views((self.probe, self.live))

    def report(self, status):
        self.statuses.append(status)

    def show(self, parts, shape, counts):
        for view, part in parts:
            assert part.shape == shape
            view.draw(part)
        if counts:
            self.pace.mark()

    def paint(self):
        self.clock.painted = self.clock.sent

    async def until(self, condition, *, painting=True, seconds=90.0):
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < deadline, "nothing happened"
            if painting:
                self.paint()
            await asyncio.sleep(0.002)

    async def quiet(self, seconds=0.3):
        """Give the loop time to do what it should not."""
        for _ in range(int(seconds / 0.01)):
            await asyncio.sleep(0.01)

    async def settle(self):
        """Pause, and let what is under way come out."""
        self.session.playing = False
        seen = -1
        while seen != len(self.pictures):
            seen = len(self.pictures)
            self.paint()
            await self.quiet(0.25)

    async def paused(self, after=3):
        """Pause once so many pictures have come, and return the last of them."""
        await self.until(lambda: len(self.pictures) >= after)
        await self.settle()
        return self.pictures[-1]


def run(scenario, **values):
    async def main():
        visitor = Visitor(n_pre=8, n_post=5, **values)
        visitor.session.start()
        try:
            await scenario(visitor)
        finally:
            visitor.session.stop()

    asyncio.run(main())
