"""A panel's context without a session or a browser, for tests."""

from types import SimpleNamespace

from hebbscope.panels.context import PanelContext
from hebbscope.panels.registry import BenchControls
from hebbscope.session.selection import Selection
from hebbscope.ui.viewport import Viewport


class Run:
    """Records what panels ask of a session."""

    def __init__(self):
        self.asked = []
        self.edits = []
        self.playing = True

    def edit(self, edit):
        self.edits.append(edit)

    def refresh_theory(self):
        self.asked.append("refresh_theory")

    def reset(self):
        self.asked.append("reset")

    def look(self):
        self.asked.append("look")


class Messages(list):
    notify = list.append


def context(shape=None, said=None, controls=None, session=None, **panels):
    """Return a context.

    Args:
        shape: of the matrix on show.
        said: what theory predicts.
        controls: the controls; new ones if left out.
        session: the session; one that records calls if left out.
        panels: which panels are open, and which not.
    """
    controls = controls or BenchControls()
    controls.panels.param.update(**panels)
    made = PanelContext(
        controls=controls,
        session=session or Run(),
        selection=Selection(),
        viewport=Viewport(),
        theory=SimpleNamespace(said=said, eta_limit=None),
        notices=Messages(),
    )
    if shape is not None:
        made.viewport.show(shape)
        made.selection.fit(shape)
    return made
