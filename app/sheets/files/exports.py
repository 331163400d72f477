"""What can be taken away from a run, each described once: its button, its file, and its making."""

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

#: Told the share that is done, from 0 to 1; raises where the visitor does not want it any more.
Progress = Callable[[float], None]

#: Sections of the sheet: name -> title and a sentence.
SECTIONS = {
    "run": (
        "The run",
        "One file holds the weights, the optimiser, every setting and, if you like, the frames of "
        "the past. Opened again, it goes on to the bit.",
    ),
    "ngclearn": (
        "ngc-learn",
        "The folder that load of ngc-learn's HebbianSynapse reads. “Open” takes the .npz of such a "
        "folder too.",
    ),
    "code": (
        "Python",
        "A script that builds this synapse under the present settings and feeds it the same "
        "patterns. Unless something was changed on the way, it ends on the same weights.",
    ),
    "pictures": (
        "Pictures",
        "The plots that are open now, as they stand on the page.",
    ),
    "data": (
        "Film and data",
        "Made from the frames of the past that are kept, and from the traces.",
    ),
}


@dataclass(frozen=True)
class Export:
    """Something to take away.

    Attributes:
        name: what page and server call it.
        section: key of :data:`SECTIONS`.
        label: on its button.
        explanation: one sentence.
        file: its file's name, with ``{step}`` for the step.
        media: its type, as the internet calls it.
        make: from a moment to its content, in a thread.
        option: label of a switch beside the button; empty for none. Off, the frames of the past are
            left out.
        code: whether it is text that is shown and copied.
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
    """A file that is ready to be taken.

    Attributes:
        name: what the file is called.
        media: its type.
        content: its bytes.
        code: whether it is text that is shown and copied.
        told: a sentence for the visitor.
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
    # Infinity, of a step that broke, is told as nothing.
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
        # Twins take their steps together: one row holds what was measured of both.
        head, *rows = ((one, other.split(",", 1)[1]) for one, other in zip(*tables, strict=True))
        of_b = ",".join(f"{name}_b" for name in head[1].split(","))
        lines = [f"{head[0]},{of_b}", *(",".join(row) for row in rows)]
    return ("\n".join(lines) + "\n").encode()


def _warned(script: str, moment: RunSnapshot) -> bytes:
    """Return ``script``, and before it why the run itself ends elsewhere, if it does."""
    lines = wrap(moment.parted, 96)
    return ("".join(f"# {line}\n" for line in lines) + script).encode()


#: All of them, in the order of the page.
EXPORTS = (
    Export(
        "run",
        "run",
        "Save run",
        "A file that this page opens again.",
        "hebbscope-run-step{step}.npz",
        "application/octet-stream",
        _run,
        option="with its history",
    ),
    Export(
        "ngclearn",
        "ngclearn",
        "Export for ngc-learn",
        "A zip of the folder of a synapse called W: compartments and optimiser; hyperparameters are "
        "not in it.",
        "hebbscope-ngclearn-step{step}.zip",
        "application/zip",
        _ngclearn,
    ),
    Export(
        "ngclearn_script",
        "code",
        "Copy for ngc-learn",
        "ngc-learn's own HebbianSynapse does the learning.",
        "hebbscope_ngclearn.py",
        "text/x-python",
        lambda moment, _: _warned(ngclearn_script(moment.focus, moment.step), moment),
        code=True,
    ),
    Export(
        "hebb_core_script",
        "code",
        "Copy for hebb_core",
        "The engine of this page, without the page.",
        "hebbscope_run.py",
        "text/x-python",
        lambda moment, _: _warned(hebb_core_script(moment.focus, moment.step), moment),
        code=True,
    ),
    Export(
        "film",
        "data",
        "Film (GIF)",
        "W and dW side by side, of twins A above B, up to 200 frames; their steps are drawn in.",
        "hebbscope-film-step{step}.gif",
        "image/gif",
        lambda moment, progress: film(moment.frames, progress),
    ),
    Export(
        "traces",
        "data",
        "Traces (CSV)",
        "One table: each of the last 2000 steps; before them, the run in outline.",
        "hebbscope-traces-step{step}.csv",
        "text/csv",
        _traces,
    ),
    Export(
        "history",
        "data",
        "History (.npz)",
        "Every frame that is kept as plain arrays, for numpy and xarray: W, dW, activities, step.",
        "hebbscope-history-step{step}.npz",
        "application/octet-stream",
        lambda moment, progress: history_npz(moment.frames, progress),
    ),
)


def deliver(export: Export, moment: RunSnapshot, progress: Progress) -> Delivery:
    """Make ``export`` of ``moment``; in a thread, for it may take seconds.

    Raises:
        ValueError: it cannot be made; says why.
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
    """Say it where a run's file is one that this page could not open again."""
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
