"""Notes as a browser keeps them."""

from __future__ import annotations

import numpy as np

from hebbscope.ui.thumb import thumb_url

THUMB = thumb_url(np.eye(4, 3))


def entry(**changes):
    return {"name": "mine", "values": {"eta": "0.2"}, "step": 7, "thumb": THUMB, **changes}
