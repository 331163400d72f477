"""The controls of the recall probe: which stored cue is presented, and how it is degraded."""

from __future__ import annotations

from hebb_core.analysis.memory_items import MAX_ITEMS

from .control_group import ControlGroup
from .knobs import Knob, WholeKnob

__all__ = ["RecallControls"]


class RecallControls(ControlGroup):
    """The cue that the Recall panel presents; presenting it does not change the weights."""

    title = "Recall"
    tone = "pattern"

    cue = WholeKnob(
        1,
        bounds=(1, MAX_ITEMS),
        softbounds=(1, 32),
        step=1,
        label="cue",
        doc="Which of the stored cues is presented (modulo their count). Moving it pauses the run: "
        "nothing is learned while you probe.",
    )
    cue_noise = Knob(
        0.0,
        bounds=(0.0, 10.0),
        softbounds=(0.0, 1.0),
        step=0.01,
        label="cue noise",
        doc="Standard deviation of Gaussian noise on every unit of a presented cue. Raising it makes "
        "cues harder to tell apart. Pauses the run.",
    )
    occlusion = Knob(
        0.0,
        bounds=(0.0, 1.0),
        softbounds=(0.0, 1.0),
        step=0.01,
        label="occlusion",
        doc="Share of a presented cue that is hidden: a run of neighbouring units is silent. Raising "
        "it leaves less to go by. Pauses the run.",
    )
