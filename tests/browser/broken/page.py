"""The page with something taken out of it: what ``WITHOUT`` in the environment names."""

import os

from hebbscope import Dashboard
from hebbscope.host import private
from hebbscope.session.session import Session
from hebbscope.session.stream import FrameClock


def fail(_):
    raise ZeroDivisionError("this page is broken on purpose")


match os.environ["WITHOUT"]:
    case "private names":
        for name in ("_server_change", "_debounce"):
            if name in vars(private.PromptComponent):
                delattr(private.PromptComponent, name)
        private.borrow = lambda owner, name, without, default=None: default
    case "start":
        Session.start = fail
    case "acknowledgements":
        FrameClock.heard_at_once = lambda self, name, value: name == "painted" and value > 0

Dashboard.from_address().servable()
