"""Opens an untrusted file that holds a saved run or a synapse of ngc-learn."""

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
from ...session.run.provenance import Provenance

__all__ = ["MOST_BYTES", "MOST_EXPANDED", "Opened", "Present", "open_file"]

#: Maximum size of a file in bytes.
MOST_BYTES = 2**26
#: Maximum size in bytes of all its arrays, decompressed.
MOST_EXPANDED = 2**28

# The controls of one synapse have the names of the attributes of a Setup.
_SYNAPSE = tuple(control for _, control in SynapseControls())


@dataclass(frozen=True)
class Present:
    """The settings of the page when a file is opened.

    Attributes:
        controls: the controls that differ from their defaults, name -> text.
        drawings: the patterns that the visitor drew.
    """

    controls: Mapping[str, str]
    drawings: tuple[Drawing, ...]

    @classmethod
    def of(cls, controls: Controls) -> Present:
        """Return the settings in ``controls``."""
        return cls(controls.values(), controls.drawings.all)


@dataclass(frozen=True)
class Opened:
    """A run to resume.

    Attributes:
        saved: the run.
        values: controls of the run that differ from their defaults, name -> text.
        drawings: all drawn patterns, including those encoded in ``values``.
        told: messages for the visitor.
    """

    saved: SavedRun
    values: dict[str, str]
    drawings: tuple[Drawing, ...]
    told: tuple[str, ...]


def open_file(content: bytes | bytearray, present: Present) -> Opened:
    """Read an untrusted file; thread-safe, since it does not touch the page or its run.

    Args:
        content: the file, at most :data:`MOST_BYTES`.
        present: current settings of the page; a synapse of ngc-learn runs with them, since its file
            holds no settings.

    Raises:
        ValueError: the file is of another kind, damaged or too large, or this page cannot show what
            it holds; the message is worded for visitors.
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
    """Remove the details that only programmers understand from a parser's message."""
    message = re.sub(
        r"\s*[:(]\s*\w*(Error|Exception|BadZipFile|error): .*", "", message, flags=re.S
    )
    message = re.sub(r"^the file: (?=(is|has|takes|lists|lacks|holds|says|does)\b)", "it ", message)
    neither = "it is neither a run that was saved here nor a synapse of ngc-learn: "
    return message.replace("no synapse of ngc-learn: ", neither).removeprefix("the file: ")


def _is_run(content: bytes | bytearray) -> bool:
    """Return whether the file has the metadata of a saved run; ngc-learn's files have none."""
    with parsing("the file"):
        return "metadata" in UntrustedArchive(BytesIO(content), MOST_EXPANDED).names


# --- a saved run ----------------------------------------------------------------------------------


def _opened(saved: SavedRun) -> Opened:
    """Return ``saved`` with the controls that belong to it.

    The run's setup takes precedence over its notes, which only set the controls that a setup does
    not determine: open panels, the map of runs, patterns that are not in use.

    Raises:
        ValueError: the controls cannot express the setup.
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
    """Return the controls that define ``setup`` and ``twin``, name -> text."""
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
        # Without a twin, the controls of twin B would have no effect.
        values["edits"] = "a"
    else:
        values |= {TWIN_PREFIX + name: getattr(twin, name) for name in _SYNAPSE}
    return {name: str(value) for name, value in values.items()}


def _alike(mine: Setup, theirs: Setup) -> bool:
    """Return whether two setups take the same steps from the same start."""
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
    """Copy the drawn patterns of the run to ``controls``, unless they are the default shapes."""
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


# --- a synapse of ngc-learn -----------------------------------------------------------------------


def _taken(imported: Imported, present: Present) -> Opened:
    """Return a new run that starts from the imported weights, with the settings of the page."""
    controls = BenchControls()
    controls.apply(present.controls)
    controls.drawings.replace(present.drawings)
    n, m = imported.weights.shape
    share = 1.0
    if imported.mask.shape == (n, m):
        # The mask itself is used; p_conn only has to be below 1, as for a run with a mask.
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
        f"A synapse of ngc-learn, {n} × {m}: it starts at step 0 under the current settings, "
        "paused.",
        *imported.notes,
        "Reset starts from the initial weights of this page, not from these.",
    ]
    largest, bound = float(np.abs(imported.weights).max()), setup.w_bound
    if 0 < bound < largest:
        told.append(
            f"Weights up to {largest:.3g} lie beyond w_bound, {bound:g}: steps clip them to it."
        )
    return Opened(saved, controls.values(), controls.drawings.all, tuple(told))


def _bare(network: Network) -> Network:
    """Return ``network`` with zero weights and no mask, since the imported ones replace them."""
    return replace(network, weight_init=("zeros",), p_conn=1.0)
