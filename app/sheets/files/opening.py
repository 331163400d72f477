"""What a visitor's file holds, once it is known to be harmless: a run, or a synapse of ngc-learn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import jax
import numpy as np

from hebb_core.interop.ngclearn_import import Imported, import_folder_npz
from hebb_core.run.engine import Network, build
from hebb_core.run.initialisers import INITIALISERS
from hebb_core.run.setup import Setup
from hebb_core.storage.archive import UntrustedArchive
from hebb_core.storage.checkpoint import CheckpointError, parsing
from hebb_core.storage.run_file import SavedRun, read_run

from ...controls.controls import DRAWN, Controls
from ...controls.drawings import Drawing, checked_drawing
from ...controls.twin_controls import TWIN_PREFIX, SynapseControls
from ...panels.registry import BenchControls
from ...session.provenance import Provenance

__all__ = ["MOST_BYTES", "MOST_EXPANDED", "Opened", "Present", "open_file"]

#: Largest file that the page takes.
MOST_BYTES = 2**26
#: Most bytes that its arrays may take once they are expanded.
MOST_EXPANDED = 2**28

# The controls of one synapse are called as a setup calls them.
_SYNAPSE = tuple(control for _, control in SynapseControls())


@dataclass(frozen=True)
class Present:
    """What the page is set to as a file is opened.

    Attributes:
        controls: name -> text.
        drawings: the visitor's own patterns.
    """

    controls: Mapping[str, str]
    drawings: tuple[Drawing, ...]

    @classmethod
    def of(cls, controls: Controls) -> Present:
        """Read it."""
        return cls(controls.values(), controls.drawings.all)


@dataclass(frozen=True)
class Opened:
    """A run to go on from.

    Attributes:
        saved: the run.
        values: the controls that belong to it, name -> text: all others are at their defaults.
        drawings: the visitor's own patterns, those among ``values`` included.
        told: sentences for the visitor.
    """

    saved: SavedRun
    values: dict[str, str]
    drawings: tuple[Drawing, ...]
    told: tuple[str, ...]


def open_file(content: bytes | bytearray, present: Present) -> Opened:
    """Read a file that anybody may have made, in a thread; the running synapse is not touched.

    Args:
        content: the file, at most :data:`MOST_BYTES`.
        present: what holds for a synapse of ngc-learn, which comes without settings.

    Raises:
        ValueError: it is no such file, or no run that this page can show; says why in plain words.
    """
    if len(content) > MOST_BYTES:
        raise ValueError(f"it has {len(content)} bytes; at most {MOST_BYTES} can be opened")
    try:
        if _is_run(content):
            saved = read_run(BytesIO(content), max_bytes=MOST_EXPANDED)
        else:
            imported = import_folder_npz(BytesIO(content), max_bytes=MOST_EXPANDED)
            return _taken(imported, present)
    except CheckpointError as error:
        raise ValueError(_plain(str(error))) from error
    return _opened(saved)


def _plain(message: str) -> str:
    """Leave out what a parser of bytes says to programmers."""
    message = re.sub(
        r"\s*[:(]\s*\w*(Error|Exception|BadZipFile|error): .*", "", message, flags=re.S
    )
    message = re.sub(r"^the file: (?=(is|has|takes|lists|lacks|holds|says|does)\b)", "it ", message)
    neither = "it is neither a run that was saved here nor a synapse of ngc-learn: "
    return message.replace("no synapse of ngc-learn: ", neither).removeprefix("the file: ")


def _is_run(content: bytes | bytearray) -> bool:
    """Whether it says that it was saved here; a file that says nothing may be ngc-learn's."""
    with parsing("the file"):
        return "metadata" in UntrustedArchive(BytesIO(content), MOST_EXPANDED).names


# --- a run of this program's ------------------------------------------------------------------------


def _opened(saved: SavedRun) -> Opened:
    """Find the controls of ``saved``; what it is made of counts, whatever its notes say.

    The notes only set what a run does not hold: panels, the map, patterns that are not on show.
    """
    controls, told = BenchControls(), []
    unknown = len(controls.apply(_noted(saved.notes, controls)))
    if unknown:
        told.append(
            f"{unknown} of the controls in the file could not be set: they are at their defaults."
        )
    complaints = controls.apply(_values(saved.setup, saved.twin))
    if complaints:
        reason = complaints[0].split(" It stays at ")[0]
        raise ValueError(f"it holds a run that this page has no controls for: {reason}")
    _restore_drawings(controls, saved)
    pairs = [(controls.setup(controls.a), saved.setup)]
    if saved.twin is not None:
        pairs.append((controls.setup(controls.b), saved.twin))
    if not all(_alike(mine, theirs) for mine, theirs in pairs):
        raise ValueError("it holds a run that this page has no controls for")
    frames = len(saved.frames)
    kept = f", with {frames} frames of its past" if frames else ""
    told.insert(0, f"It stands at step {int(saved.state.step)}{kept}, and is paused.")
    return Opened(saved, controls.values(), controls.drawings.all, tuple(told))


def _noted(notes: Mapping[str, Any], controls: Controls) -> dict[str, str]:
    noted = notes.get("controls")
    if not isinstance(noted, dict):
        return {}
    known = {DRAWN, *controls.entries()}
    return {name: text for name, text in noted.items() if name in known and isinstance(text, str)}


def _values(setup: Setup, twin: Setup | None) -> dict[str, str]:
    """Return the controls that make ``setup``, as text."""
    network = setup.network
    kind, *numbers = network.weight_init
    kind = kind.lower()
    values: dict[str, Any] = {
        "n_pre": network.n_pre,
        "n_post": network.n_post,
        "p_conn": network.p_conn,
        "seed": network.seed,
        "weight_init": kind,
        "batch_size": setup.batch_size,
        "bias": setup.learn_bias,
        "pattern": setup.pattern,
        "circuit": setup.circuit,
        "twin": twin is not None,
        **{f"init_{n}": v for n, v in zip(INITIALISERS[kind][0], numbers, strict=True)},
        **setup.pattern_values,
        **setup.circuit_values,
        **{name: getattr(setup, name) for name in _SYNAPSE},
    }
    if twin is None:
        # Its knobs would turn nothing.
        values["edits"] = "a"
    else:
        values |= {TWIN_PREFIX + name: getattr(twin, name) for name in _SYNAPSE}
    return {name: str(value) for name, value in values.items()}


def _alike(mine: Setup, theirs: Setup) -> bool:
    """Whether two setups make the same steps from the same start."""
    if (mine.network, mine.batch_size, mine.optim_type) != (
        theirs.network,
        theirs.batch_size,
        theirs.optim_type,
    ):
        return False
    one, other = (replace(setup, bank=None).settings() for setup in (mine, theirs))
    leaves = zip(jax.tree.leaves(one), jax.tree.leaves(other), strict=True)
    return all(np.array_equal(a, b) for a, b in leaves)


def _restore_drawings(controls: Controls, saved: SavedRun) -> None:
    """Have ``controls`` hold the patterns of the run, as far as they are the visitor's own."""
    bank = saved.setup.bank
    if bank is None:
        controls.drawings.replace(())
        return
    pre, target = bank.rows()
    own = controls.setup(controls.a).bank
    if own is not None and not controls.drawings.all:
        shapes = own.rows()
        if np.array_equal(shapes[0], pre) and np.array_equal(shapes[1], target):
            return
    names = saved.notes.get("names")
    if not isinstance(names, list) or [type(n) for n in names] != [str] * len(pre):
        names = [str(number + 1) for number in range(len(pre))]
    try:
        controls.drawings.replace(
            [checked_drawing(*drawing) for drawing in zip(names, pre, target, strict=True)]
        )
    except ValueError as error:
        raise ValueError(f"its drawn patterns cannot be shown: {error}") from error


# --- a synapse of ngc-learn's -------------------------------------------------------------------------


def _taken(imported: Imported, present: Present) -> Opened:
    """Make a new run of the weights, under the present settings."""
    controls = BenchControls()
    controls.apply(present.controls)
    controls.drawings.replace(present.drawings)
    n, m = imported.weights.shape
    share = 1.0
    if imported.mask.shape == (n, m):
        # Its mask is what counts; the share says that there is one.
        share = min(max(round(float(imported.mask.mean()), 3), 0.01), 0.99)
    complaints = controls.apply(
        {
            "n_pre": str(n),
            "n_post": str(m),
            "p_conn": str(share),
            "bias": str(imported.has_bias),
        }
    )
    if complaints:
        reason = complaints[0].split(" It stays at ")[0]
        raise ValueError(f"it holds a synapse that this page has no room for: {reason}")
    setup = controls.setup(controls.a)
    twin = controls.setup(controls.b) if controls.twin.twin else None
    state = build(_bare(setup.network), setup.optim_type, None)
    synapse = imported.synapse(setup.optim_type)
    second = None
    if twin is not None:
        second = replace(imported.synapse(twin.optim_type), mask=synapse.mask)
    notes = {"departures": Provenance(other_start=True).noted()}
    saved = SavedRun(setup, replace(state, synapse=synapse, twin=second), twin, notes=notes)
    told = [
        f"A synapse of ngc-learn's, {n} × {m}: it starts at step 0 under the present settings, "
        "paused.",
        *imported.notes,
        "Reset starts from initial weights of this page's, not from these.",
    ]
    largest, bound = float(np.abs(imported.weights).max()), setup.w_bound
    if 0 < bound < largest:
        told.append(f"Weights up to {largest:.3g} lie beyond w_bound, {bound:g}: steps clip them.")
    return Opened(saved, controls.values(), controls.drawings.all, tuple(told))


def _bare(network: Network) -> Network:
    """The same run without what is about to be replaced: no weights drawn, no connections."""
    return replace(network, weight_init=("zeros",), p_conn=1.0)
