"""The page with something taken out of it.

From a whole server what ``WITHOUT`` in the environment names, from one visit what ``without`` in the address
does.
"""

import os

import panel as pn

from hebbscope import Dashboard
from hebbscope.host import private


def fail():
    raise ZeroDivisionError("this page is broken on purpose")


if os.environ["WITHOUT"] == "private names":
    for name in ("_server_change", "_debounce"):
        if name in vars(private.PromptComponent):
            delattr(private.PromptComponent, name)
    private.borrow = lambda owner, name, without, default=None: default

pn.extension(notifications=True)
bench = Dashboard()
match pn.state.session_args.get("without"):
    case [b"start"]:
        bench.session.start = fail
    case [b"acknowledgements"]:
        clock = bench.session.pace.clock
        clock.heard_at_once = lambda name, value: name == "painted" and value > 0

bench.servable()
