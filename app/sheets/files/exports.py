"""The exports of a run: for each, its button, its file and the function that makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from textwrap import wrap
from zipfile import ZIP_DEFLATED, ZipFile

import numpy as np

from hebb_core.interop.ngclearn_folder import Crossing, export_folder
from hebb_core.interop.scripts import hebb_core_script, ngclearn_script
from hebb_core.storage.run_file import SavedRun, write_run
from hebb_core.storage.tables import history_npz, traces_csv

from .gif import film
from .opening import MOST_BYTES, MOST_EXPANDED
from .run_snapshot import RunSnapshot

__all__ = ["EXPORTS", "SECTIONS", "Delivery", "Export", "deliver"]

#: Called with the fraction done, from 0 to 1; raises if the visitor has cancelled the export.
Progress = Callable[[float], None]

#: Sections of the sheet: name -> title and explanation.
SECTIONS = {
    "run": (
        "The run",
        "One file holds the weights, the state of the optimiser, all settings and, if you like, the "
        "past frames. After opening it, the run continues exactly as it would have, bit for bit.",
    ),
    "ngclearn": (
        "ngc-learn",
        "A folder that ngc-learn's HebbianSynapse reads with its method load. “Open…” above also "
        "reads the .npz file of such a folder.",
    ),
    "code": (
        "Python",
        "A script that builds this synapse with the current settings and feeds it the same "
        "patterns. It ends with the same weights unless something was changed during the run.",
    ),
    "pictures": (
        "Pictures",
        "The plots that are open now, as the page shows them.",
    ),
    "data": (
        "Animation and data",
        "Made from the past frames that are kept, and from the traces.",
    ),
}


@dataclass(frozen=True)
class Export:
    """An export.

    Attributes:
        name: its name in the page and on the server.
        section: key of :data:`SECTIONS`.
        label: label of its button.
        explanation: tooltip of its button, one sentence.
        file: name of its file, with ``{step}`` for the step.
        media: its media type.
        make: returns its content; called in a thread.
        option: label of a checkbox beside the button; empty if there is none. If not checked, past
            frames are left out.
        code: whether the export is text to be shown and copied.
    """

    name: str
    section: str
    label: str
    explanation: str
    file: str
    media: str
    make: Callable[[RunSnapshot, Progress], bytes]
    option: str = ""
    code: bool = False


@dataclass(frozen=True)
class Delivery:
    """A finished export.

    Attributes:
        name: name of the file.
        media: its media type.
        content: its bytes.
        code: whether the export is text to be shown and copied.
        told: message for the visitor.
    """

    name: str
    media: str
    content: bytes
    code: bool
    told: str


def _run(moment: RunSnapshot, progress: Progress) -> bytes:
    file = BytesIO()
    notes = {
        "controls": moment.controls,
        "names": list(moment.names),
        "departures": moment.departures.noted(),
    }
    # A diverged step may measure infinity, which makes Traces.restore reject the arrays.
    own = {
        name: np.where(np.isfinite(array), array, np.nan) if array.dtype.kind == "f" else array
        for name, array in moment.own.items()
    }
    write_run(file, SavedRun(moment.setup, moment.state, moment.twin, moment.frames, notes, own))
    return file.getvalue()


def _ngclearn(moment: RunSnapshot, progress: Progress) -> bytes:
    setup, last = moment.focus, moment.last
    shape = setup.network.n_pre, setup.network.n_post
    files = export_folder(
        "W",
        moment.synapse,
        setup.optim_type,
        Crossing.silent(shape, setup.batch_size) if last is None else Crossing.of_frame(last),
        has_bias=setup.learn_bias,
        key=moment.state.key,
    )
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(f"ngclearn-step{moment.step}/{name}", content)
    return file.getvalue()


def _traces(moment: RunSnapshot, progress: Progress) -> bytes:
    tables = [traces_csv(*table).splitlines() for table in moment.traces]
    if len(tables) == 1:
        lines = tables[0]
    else:
        # Twins take the same steps, so one row holds the scalars of both.
        head, *rows = ((one, other.split(",", 1)[1]) for one, other in zip(*tables, strict=True))
        of_b = ",".join(f"{name}_b" for name in head[1].split(","))
        lines = [f"{head[0]},{of_b}", *(",".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _warned(script: str, moment: RunSnapshot) -> bytes:
    """Return ``script``; if it may not reproduce the run, precede it by a comment that says why."""
    lines = wrap(moment.parted, 96)
    return ("".join(f"# {line}\n" for line in lines) + script).encode()


#: All exports, in the order of the page.
EXPORTS = (
    Export(
        "run",
        "run",
        "Save run",
        "A file that this page can open again.",
        "hebbscope-run-step{step}.npz",
        "application/octet-stream",
        _run,
        option="with its history",
    ),
    Export(
        "ngclearn",
        "ngclearn",
        "Export for ngc-learn",
        "A zip file of the folder of a synapse called W: its compartments and its optimiser, but no "
        "hyperparameters.",
        "hebbscope-ngclearn-step{step}.zip",
        "application/zip",
        _ngclearn,
    ),
    Export(
        "ngclearn_script",
        "code",
        "Copy for ngc-learn",
        "A script that uses ngc-learn's own HebbianSynapse.",
        "hebbscope_ngclearn.py",
        "text/x-python",
        lambda moment, _: _warned(ngclearn_script(moment.focus, moment.step), moment),
        code=True,
    ),
    Export(
        "hebb_core_script",
        "code",
        "Copy for hebb_core",
        "A script that uses hebb_core, the engine of this page.",
        "hebbscope_run.py",
        "text/x-python",
        lambda moment, _: _warned(hebb_core_script(moment.focus, moment.step), moment),
        code=True,
    ),
    Export(
        "film",
        "data",
        "Animation (GIF)",
        "W and dW side by side (with twins, synapse A above B); up to 200 frames with their steps.",
        "hebbscope-film-step{step}.gif",
        "image/gif",
        lambda moment, progress: film(moment.frames, progress),
    ),
    Export(
        "traces",
        "data",
        "Traces (CSV)",
        "One table: all of the last 2000 steps, and a thinned-out selection of those before.",
        "hebbscope-traces-step{step}.csv",
        "text/csv",
        _traces,
    ),
    Export(
        "history",
        "data",
        "History (.npz)",
        "All kept frames as plain arrays, for numpy and xarray: W, dW, activities, step.",
        "hebbscope-history-step{step}.npz",
        "application/octet-stream",
        lambda moment, progress: history_npz(moment.frames, progress),
    ),
)


def deliver(export: Export, moment: RunSnapshot, progress: Progress) -> Delivery:
    """Make ``export`` from snapshot ``moment``; call this in a thread, since it may take seconds.

    Raises:
        ValueError: the export cannot be made; the message says why.
    """
    content = export.make(moment, progress)
    told = [f"{_size(len(content))}, up to step {moment.step}."]
    if export.code:
        whose = "" if moment.twin is None else f" of {'B' if moment.on_twin else 'A'}"
        told = [f"It takes {moment.step} steps{whose}."]
        if moment.parted:
            told.append(moment.parted)
    if export.name == "run":
        told += _too_large(content)
    name = export.file.format(step=moment.step)
    return Delivery(name, export.media, content, export.code, " ".join(told))


def _too_large(content: bytes) -> list[str]:
    """Return a message, in a list, if the file of a run is too large to be opened on this page."""
    with ZipFile(BytesIO(content)) as archive:
        expanded = sum(member.file_size for member in archive.infolist())
    opens = "that this page opens; hebb_core.storage.run_file opens it in Python."
    if len(content) > MOST_BYTES:
        return [f"That is more than the {_size(MOST_BYTES)} {opens}"]
    if expanded > MOST_EXPANDED:
        return [
            f"Expanded it takes {_size(expanded)}, more than the {_size(MOST_EXPANDED)} {opens} "
            "Without its history it may fit."
        ]
    return []


def _size(count: int) -> str:
    for unit, factor in (("MiB", 2**20), ("KiB", 2**10)):
        if count >= factor:
            return f"{count / factor:.3g} {unit}"
    return f"{count} bytes"
