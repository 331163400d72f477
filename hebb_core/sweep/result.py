"""Results of a sweep as labelled arrays."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..storage.archive import ArraySpec
from ..storage.checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .axes import MAX_CELLS, Plan
from .cells import Chunk
from .outcomes import OUTCOMES

__all__ = ["SweepResult"]

_KIND = "sweep"
_SEED = "seed"


@dataclass(frozen=True)
class SweepResult:
    """Outcomes of a sweep.

    Attributes:
        dims: names of the axes in order, ``"seed"`` last.
        coords: name of an axis -> its values.
        outcomes: name -> float64 array over ``dims``; NaN where undefined. Values of a categorical
            outcome are indices into its ``categories``.
        weights: final W under the first seed, over all ``dims`` except the seed, then its rows and
            columns; reduced as in :attr:`hebb_core.sweep.cells.Chunk.thumbs`.
    """

    dims: tuple[str, ...]
    coords: Mapping[str, np.ndarray]
    outcomes: Mapping[str, np.ndarray]
    weights: np.ndarray

    def __getitem__(self, outcome: str) -> np.ndarray:
        """Return the array of ``outcome``; raise KeyError if no outcome has this name."""
        return self.outcomes[outcome]

    @classmethod
    def empty(cls, plan: Plan) -> SweepResult:
        """Return a result for ``plan`` filled with NaN."""
        shape, n, m = plan.shape, *plan.thumb_shape
        return cls(
            (*(axis.name for axis in plan.axes), _SEED),
            {
                **{axis.name: np.array(axis.values) for axis in plan.axes},
                _SEED: np.array(plan.seeds, np.int64),
            },
            {name: np.full((*shape, len(plan.seeds)), np.nan) for name in OUTCOMES},
            np.full((*shape, n, m), np.nan, np.float32),
        )

    def fill(self, chunk: Chunk) -> None:
        """Write the cells of ``chunk`` into the arrays of this result."""
        places = np.unravel_index(chunk.cells, [len(self.coords[name]) for name in self.dims[:-1]])
        for name, values in chunk.outcomes.items():
            self.outcomes[name][places] = values
        self.weights[places] = chunk.thumbs

    def to_xarray(self) -> Any:
        """Return the outcomes as an ``xarray.Dataset`` with labels and explanations as attributes.

        Raises:
            ImportError: xarray is not installed.
        """
        try:
            import xarray
        except ImportError as error:
            raise ImportError("to_xarray() needs xarray: pip install xarray") from error
        variables = {}
        for name, values in self.outcomes.items():
            told = OUTCOMES[name]
            about = {"long_name": told.label, "description": told.explanation}
            if told.categories:
                about["flag_meanings"] = " ".join(told.categories)
            variables[name] = (self.dims, values, about)
        variables["weights"] = ((*self.dims[:-1], "row", "col"), self.weights)
        return xarray.Dataset(variables, dict(self.coords))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write one ``.npz`` without pickle: an array per axis and outcome, and ``weights``.

        Raises:
            CheckpointError: the result does not fit into one file; nothing was written.
            OSError: the file could not be written; an existing file at ``path`` is unchanged.
        """
        arrays = {**self.coords, **self.outcomes, "weights": self.weights}
        about = {
            "dims": list(self.dims),
            "shape": [len(self.coords[name]) for name in self.dims],
            "weights": list(self.weights.shape[-2:]),
            "outcomes": {name: list(OUTCOMES[name].categories) for name in self.outcomes},
        }
        return write_checkpoint(path, arrays, about, kind=_KIND, blanks=arrays)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> SweepResult:
        """Read a result written by :meth:`save`.

        Raises:
            CheckpointError: the file is truncated, oversized, pickled or not a sweep result.
            OSError: the file cannot be opened.
        """
        read = read_checkpoint(path, kind=_KIND, layout=_layout)
        about, arrays = read.metadata, read.arrays
        return cls(
            tuple(about["dims"]),
            {name: arrays[name] for name in about["dims"]},
            {name: arrays[name] for name in about["outcomes"]},
            arrays["weights"],
        )


def _layout(about: dict[str, Any]) -> dict[str, ArraySpec]:
    dims, shape = list(about["dims"]), [int(size) for size in about["shape"]]
    outcomes, thumb = list(about["outcomes"]), [int(size) for size in about["weights"]]
    if min(*shape, *thumb) < 1 or np.prod(shape, dtype=object) > MAX_CELLS:
        raise CheckpointError(f"{shape} is not the shape of a sweep")
    if dims[-1] != _SEED or not set(outcomes) <= set(OUTCOMES):
        raise CheckpointError("holds something other than the axes and outcomes of a sweep")
    return {
        **{
            name: ArraySpec((size,), "int64" if name == _SEED else "float64")
            for name, size in zip(dims, shape, strict=True)
        },
        **{name: ArraySpec(tuple(shape), "float64", blanks=True) for name in outcomes},
        "weights": ArraySpec((*shape[:-1], *thumb), "float32", blanks=True),
    }
