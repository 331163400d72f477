"""Given to `panel serve --plugins`: tells a test when all that its page has asked for has been done.

A page writes a number into the tags of its first root, which follows over the websocket all that it has sent
before, and asks with that number. It is answered once nothing waits any more and no job is under way. A run
that goes on by itself has then shown what was asked for.
"""

import asyncio
import weakref

import panel as pn
from tornado.web import HTTPError, RequestHandler

from hebbscope.session.session import Session

PATIENCE = 60.0  # s

_RUNS = {}
_start = Session.start


def _start_and_note(session):
    _start(session)
    root = pn.state.curdoc.roots[0]
    _RUNS[root.id] = weakref.ref(session), weakref.ref(root)


Session.start = _start_and_note


async def _callbacks_are_done():
    """Let the event loop take some turns: what has arrived goes through several callbacks, one after the other."""
    for _ in range(8):
        await asyncio.sleep(0.004)


class AtRest(RequestHandler):
    def _expect(self, deadline, what):
        if asyncio.get_running_loop().time() > deadline:
            raise HTTPError(504, what)

    async def get(self, name, number):
        session, root = (kept() for kept in _RUNS[name])
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while root.tags != [int(number)]:
            self._expect(deadline, "the page's number has not arrived")
            await asyncio.sleep(0.004)
        waits = True
        while waits:
            self._expect(deadline, "work goes on waiting")
            await _callbacks_are_done()
            # Answered between two jobs: the one that was under way has ended.
            await session.consult(lambda run: None)
            waits = session._asked.waits or session._goal is not None
        self.write(
            {
                "sent": session.pace.clock.sent,
                "step": session.steps_taken,
                "playing": session.playing,
            }
        )


ROUTES = [(r"/at-rest/(\w+)/(\d+)", AtRest, {})]
