"""What a run's file says of itself, checked before any of its arrays is believed."""

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

#: Largest batch size of a run that is read.
MAX_BATCH = 4096
#: Most frames in one file.
MAX_FRAMES = 2000
#: Most arrays of the caller's own in one file.
MAX_OWN = 32
#: What their names begin with in the file.
OWN = "own."

_OWN_AXES = 8
_OWN_DTYPES = ("float32", "float64", "int32", "int64", "uint8")
# Twins live through the same: what they cannot differ in.
_SHARED = (
    "network",
    "batch_size",
    "pattern",
    "pattern_values",
    "bank",
    "circuit",
    "circuit_values",
)
# What columns and rows of the frames' arrays mean.
_COLUMNS = {"metrics": list(METRICS), "hyper": list(HYPERPARAMETERS)}


@dataclass(frozen=True)
class RunHeader:
    """What a run's file says of itself; its arrays follow from it.

    Attributes:
        setup: what the run is made of, without its bank of patterns.
        twin: the same of its twin; None if there is none.
        key_impl: name of the kind of PRNG key.
        drawn: patterns in the bank; 0 without one.
        stack: what its frames have in common; None without frames.
        own: arrays of whoever saved it, name -> what it must be.
        notes: what else they wanted to keep.
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
        """``(n, m)`` of the weights."""
        return self.setup.network.n_pre, self.setup.network.n_post

    @property
    def synapses(self) -> tuple[tuple[str, str], ...]:
        """Prefix of the arrays and optimiser of each synapse."""
        first = ("", self.setup.optim_type)
        return (first,) if self.twin is None else (first, ("twin.", self.twin.optim_type))

    def layout(self) -> dict[str, ArraySpec]:
        """Return which arrays the file holds."""
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
        """Return it as JSON holds it."""
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
        """Check what a file says; CheckpointError if it cannot be."""
        try:
            setup = _setup(metadata["setup"], max_units)
            twin = None if metadata["twin"] is None else _setup(metadata["twin"], max_units)
            check_twin(setup, twin)
            if not isinstance(metadata["notes"], dict):
                raise TypeError("notes must be a table of names and values")
            # What JSON has no numbers for, Python's parser takes.
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
            raise CheckpointError(f"does not say {error.args[0]!r}") from error
        except (TypeError, ValueError) as error:
            raise CheckpointError(f"says what cannot be: {error}") from error


def plain(value: Any) -> Any:
    """Return dataclasses (without their bank of patterns), mappings and numbers as JSON has them.

    Raises:
        TypeError: a mapping has keys that are not strings, which JSON would make strings of.
        RecursionError: it holds itself.
    """
    if hasattr(value, "__dataclass_fields__"):
        named = {f.name: getattr(value, f.name) for f in fields(value)}
        # Arrays go by another way.
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
    """Raise ValueError where twins differ in what they live through together."""
    if twin is None:
        return
    differ = [name for name in _SHARED if getattr(setup, name) != getattr(twin, name)]
    if differ:
        raise ValueError(f"twins cannot differ in {', '.join(differ)}")


def _key_impl(stored: Any) -> str:
    if not isinstance(stored, str):
        raise TypeError(f"key_impl must be a string, got {type(stored).__name__}")
    # Steps draw with JAX's own kind of key only.
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
        raise ValueError(f"frames are of 1 or 2 synapses, got {len(stored['optim_types'])}")
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
        # With what is put before it, it has to name an array of the file.
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
    """Return ``dtype`` if an array of the caller's may have it; ValueError otherwise."""
    if dtype not in _OWN_DTYPES:
        raise ValueError(f"{name} must be one of {', '.join(_OWN_DTYPES)}, got {dtype!r:.40}")
    return dtype
