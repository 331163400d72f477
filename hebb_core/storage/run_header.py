"""Metadata of a run's file, checked before any of its arrays is read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import jax
import numpy as np

from .. import checks
from ..rule.hyper import HYPERPARAMETERS
from ..rule.optimisers import OPTIMISERS
from ..run.engine import MAX_STEPS, Network
from ..run.metrics import METRICS
from ..run.setup import Setup
from ..signals.patterns.drawn import MAX_DRAWN
from .archive import MAX_NAME, ArraySpec
from .checkpoint import MAX_BYTES, CheckpointError
from .stored_frames import FrameStack
from .stored_synapse import synapse_layout

__all__ = [
    "MAX_BATCH",
    "MAX_FRAMES",
    "MAX_OWN",
    "OWN",
    "RunHeader",
    "check_twin",
    "own_dtype",
    "plain",
]

#: Maximum batch size of a run in a file.
MAX_BATCH = 4096
#: Maximum number of frames in one file.
MAX_FRAMES = 2000
#: Maximum number of the caller's own arrays in one file.
MAX_OWN = 32
#: Prefix of the names of the caller's own arrays in the file.
OWN = "own."

_OWN_AXES = 8
_OWN_DTYPES = ("float32", "float64", "int32", "int64", "uint8")
# Fields of the setup that must be equal for both twins.
_SHARED = (
    "network",
    "batch_size",
    "pattern",
    "pattern_values",
    "bank",
    "circuit",
    "circuit_values",
)
# Column names of the frames' arrays; a file with other columns cannot be read.
_COLUMNS = {"metrics": list(METRICS), "hyper": list(HYPERPARAMETERS)}


@dataclass(frozen=True)
class RunHeader:
    """Metadata of a run's file, which determines the file's arrays.

    Attributes:
        setup: setup of the run, without its bank of patterns.
        twin: setup of the twin, without its bank of patterns; None if there is no twin.
        key_impl: name of the PRNG implementation of the run's key.
        drawn: number of patterns in the bank; 0 if there is no bank.
        stack: shared properties of the frames; None if there are no frames.
        own: specs of the caller's own arrays, by name.
        notes: the caller's own JSON-compatible data.
    """

    setup: Setup
    twin: Setup | None
    key_impl: str
    drawn: int
    stack: FrameStack | None
    own: Mapping[str, ArraySpec]
    notes: dict[str, Any]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape ``(n, m)`` of the weights."""
        return self.setup.network.n_pre, self.setup.network.n_post

    @property
    def synapses(self) -> tuple[tuple[str, str], ...]:
        """Array-name prefix and optimiser of each synapse."""
        first = ("", self.setup.optim_type)
        return (first,) if self.twin is None else (first, ("twin.", self.twin.optim_type))

    def layout(self) -> dict[str, ArraySpec]:
        """Return the specs of all arrays in the file, by name."""
        n, m = self.shape
        key = jax.random.key_data(jax.random.key(0, impl=self.key_impl))
        specs = {
            "key": ArraySpec(key.shape, "uint32"),
            "step": ArraySpec((), "int32"),
            "mask": ArraySpec(self.shape if self.setup.network.p_conn < 1 else (1, 1)),
        }
        for prefix, optim_type in self.synapses:
            specs |= synapse_layout(prefix, self.shape, optim_type)
        if self.drawn:
            specs["bank.pre"] = ArraySpec((self.drawn, n))
            specs["bank.target"] = ArraySpec((self.drawn, m))
        if self.stack is not None:
            specs |= self.stack.layout(self.shape)
        return specs | {OWN + name: spec for name, spec in self.own.items()}

    def metadata(self) -> dict[str, Any]:
        """Return the header as JSON-compatible data."""
        return {
            "setup": plain(self.setup),
            "twin": None if self.twin is None else plain(self.twin),
            "key_impl": self.key_impl,
            "drawn": self.drawn,
            "frames": None if self.stack is None else plain(self.stack) | _COLUMNS,
            "own": {name: [list(spec.shape), spec.dtype] for name, spec in self.own.items()},
            "notes": self.notes,
        }

    @classmethod
    def read(cls, metadata: Mapping[str, Any], max_units: int) -> RunHeader:
        """Return the header in a file's ``metadata``; CheckpointError if it is invalid."""
        try:
            setup = _setup(metadata["setup"], max_units)
            twin = None if metadata["twin"] is None else _setup(metadata["twin"], max_units)
            check_twin(setup, twin)
            if not isinstance(metadata["notes"], dict):
                raise TypeError("notes must be a table of names and values")
            # Python's parser accepts NaN and infinity, which are not valid JSON.
            json.dumps(metadata["notes"], allow_nan=False)
            return cls(
                setup,
                twin,
                _key_impl(metadata["key_impl"]),
                checks.integer("drawn patterns", metadata["drawn"], low=0, high=MAX_DRAWN),
                _stack(metadata["frames"]),
                _own(metadata["own"]),
                metadata["notes"],
            )
        except KeyError as error:
            raise CheckpointError(f"lacks the entry {error.args[0]!r}") from error
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"holds a value that cannot be used: {error}") from error


def plain(value: Any) -> Any:
    """Return dataclasses (without their bank of patterns), mappings and numbers as JSON data.

    Raises:
        TypeError: a mapping has keys that are not strings, which JSON would convert to strings.
        RecursionError: ``value`` contains itself or is nested too deeply.
    """
    if hasattr(value, "__dataclass_fields__"):
        named = {f.name: getattr(value, f.name) for f in fields(value)}
        # The bank is stored as arrays, not as metadata.
        named.pop("bank", None)
        return plain(named)
    if isinstance(value, Mapping):
        for name in value:
            if not isinstance(name, str):
                raise TypeError(f"names must be strings, got {name!r:.40} ({type(name).__name__})")
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(entry) for entry in value]
    return value.item() if isinstance(value, np.generic) else value


def _known(what: str, stored: Any, cls: type) -> dict[str, Any]:
    if not isinstance(stored, dict):
        raise TypeError(f"{what} must be a table of names and values, got {type(stored).__name__}")
    names = {f.name for f in fields(cls)} - {"bank"}
    unknown = sorted(set(stored) - names)
    if unknown:
        raise ValueError(f"{what} has {', '.join(unknown)[:80]}, which this version does not know")
    return dict(stored)


def _setup(stored: Any, max_units: int) -> Setup:
    values = _known("setup", stored, Setup)
    network = _known("network", values.get("network"), Network)
    for name in ("n_pre", "n_post"):
        checks.integer(name, network.get(name), low=1, high=max_units)
    if not isinstance(network.get("weight_init", []), list):
        raise TypeError(f"weight_init must be a list, got {network['weight_init']!r:.80}")
    for name in ("pattern_values", "circuit_values"):
        if not isinstance(values.get(name, {}), dict):
            raise TypeError(f"{name} must be a table of names and numbers")
    checks.integer("batch_size", values.get("batch_size"), low=1, high=MAX_BATCH)
    values["network"] = Network(**network)
    setup = Setup(**values)
    setup.settings()
    return setup


def check_twin(setup: Setup, twin: Setup | None) -> None:
    """Raise ValueError if the twins differ in a field that they must share."""
    if twin is None:
        return
    differ = [name for name in _SHARED if getattr(setup, name) != getattr(twin, name)]
    if differ:
        raise ValueError(f"twins cannot differ in {', '.join(differ)}")


def _key_impl(stored: Any) -> str:
    if not isinstance(stored, str):
        raise TypeError(f"key_impl must be a string, got {type(stored).__name__}")
    # Steps re-wrap key data with JAX's default implementation, so keys of other
    # implementations would fail.
    if stored != _own_key_impl():
        raise ValueError(f"key_impl must be {_own_key_impl()!r}, got {stored!r:.40}")
    return stored


@lru_cache(maxsize=1)
def _own_key_impl() -> str:
    return str(jax.random.key_impl(jax.random.key(0)))


def _stack(stored: Any) -> FrameStack | None:
    if stored is None:
        return None
    if not isinstance(stored, dict) or not isinstance(stored["optim_types"], list):
        raise TypeError("frames must be a table, with a list of optim_types")
    for what, names in _COLUMNS.items():
        if stored[what] != names:
            raise ValueError(f"its frames have other {what} than this version")
    if not 1 <= len(stored["optim_types"]) <= 2:
        raise ValueError(f"frames must hold 1 or 2 synapses, got {len(stored['optim_types'])}")
    count = checks.integer("number of frames", stored["count"], low=1, high=MAX_FRAMES)
    return FrameStack(
        count,
        checks.integer("batch_size of frames", stored["batch_size"], low=1, high=MAX_BATCH),
        tuple(checks.choice("optim_type", name, OPTIMISERS) for name in stored["optim_types"]),
        checks.integer("steps of frames", stored["steps"], low=0, high=MAX_FRAMES * MAX_STEPS),
    )


def _own(stored: Any) -> dict[str, ArraySpec]:
    if not isinstance(stored, dict) or len(stored) > MAX_OWN:
        raise ValueError(f"own must be a table of at most {MAX_OWN} arrays")
    specs = {}
    for name, (shape, dtype) in stored.items():
        # The name with its prefix must be a valid array name.
        longest = MAX_NAME - len(OWN)
        if len(name) > longest:
            raise ValueError(
                f"{name:.40}… cannot name an array: it must be {longest} letters at most, got "
                f"{len(name)}"
            )
        if not isinstance(shape, list) or len(shape) > _OWN_AXES:
            raise ValueError(f"{name:.64} must have at most {_OWN_AXES} axes")
        sizes = tuple(
            checks.integer(f"a size of {name:.64}", size, low=0, high=MAX_BYTES) for size in shape
        )
        specs[name] = ArraySpec(sizes, own_dtype(name, dtype), blanks=True)
    return specs


def own_dtype(name: str, dtype: Any) -> str:
    """Return ``dtype`` if it is allowed for the caller's own arrays; ValueError otherwise."""
    if dtype not in _OWN_DTYPES:
        raise ValueError(f"{name} must be one of {', '.join(_OWN_DTYPES)}, got {dtype!r:.40}")
    return dtype
