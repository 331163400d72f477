"""A synapse's checkpoint: its arrays, and the checks before they are loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from ..rule.hyper import hyperparameters
from ..rule.prior import canonical_prior
from ..storage.checkpoint import ArraySpec, CheckpointError, read_checkpoint, write_checkpoint

__all__ = ["Identity", "LoadedSynapse", "checked_name", "read_synapse", "write_synapse"]

_KIND = "synapse"
_OPT = "opt_params"


@dataclass(frozen=True)
class Identity:
    """Fixed properties of a synapse; a loaded file must match all but ``name`` and ``p_conn``."""

    name: str
    shape: tuple[int, int]
    batch_size: int
    optim_type: str
    has_bias: bool
    p_conn: float


@dataclass(frozen=True)
class LoadedSynapse:
    """Content of a file: hyperparameters, connection probability, and compartments by name."""

    settings: dict[str, Any]
    p_conn: float
    values: dict[str, Any]


def checked_name(name: Any) -> str:
    """Return ``name`` if it is valid as a file name; raise TypeError or ValueError otherwise."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got {name!r} ({type(name).__name__})")
    if not name.strip(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name):
        raise ValueError(
            f'name must be usable as a file name (not empty, none of /\\:*?"<>|), got {name!r}'
        )
    return name


def write_synapse(
    directory: str | os.PathLike[str],
    identity: Identity,
    settings: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Path:
    """Write a synapse to ``<directory>/<name>.npz``, atomically, and return that path."""
    metadata = {
        **asdict(identity),
        "hyperparameters": dict(settings),
        "key_impl": str(jax.random.key_impl(values["key"])),
        "mask_shape": values["mask"].shape,
    }
    return write_checkpoint(_path(directory, identity.name), _flat(values), metadata, kind=_KIND)


def read_synapse(
    directory: str | os.PathLike[str],
    identity: Identity,
    settings: Mapping[str, Any],
    values: Mapping[str, Any],
) -> LoadedSynapse:
    """Read ``<directory>/<name>.npz`` for a synapse with the current ``settings`` and ``values``.

    Raises:
        CheckpointError: the file does not fit this synapse; the message says why.
        OSError: the file cannot be read.
    """
    path = _path(directory, identity.name)

    def layout(metadata: dict[str, Any]) -> dict[str, ArraySpec]:
        _check_metadata(metadata, identity, settings)
        specs = {name: ArraySpec(x.shape, str(x.dtype)) for name, x in _flat(values).items()}
        key_data = jax.random.key_data(jax.random.key(0, impl=metadata["key_impl"]))
        specs["key"] = ArraySpec(key_data.shape, "uint32")
        mask_shape = tuple(metadata["mask_shape"])
        if mask_shape not in ((1, 1), identity.shape):
            raise CheckpointError(f"mask is {mask_shape}, not (1, 1) or {identity.shape}")
        specs["mask"] = ArraySpec(mask_shape)
        return specs

    checkpoint = read_checkpoint(path, kind=_KIND, layout=layout)
    arrays, metadata = checkpoint.arrays, checkpoint.metadata
    mask = arrays["mask"]
    if not np.isin(mask, (0.0, 1.0)).all():
        raise CheckpointError(f"{path}: mask holds other values than 0 and 1")
    if (arrays["weights"] * (1 - mask)).any():
        raise CheckpointError(f"{path}: weights are set where the mask has no connection")
    loaded: dict[str, Any] = {
        name: jnp.array(arrays[name]) for name in values if name not in (_OPT, "key")
    }
    loaded["key"] = jax.random.wrap_key_data(jnp.array(arrays["key"]), impl=metadata["key_impl"])
    leaves, structure = jax.tree.flatten(values[_OPT])
    loaded[_OPT] = jax.tree.unflatten(
        structure, [jnp.array(arrays[f"{_OPT}.{i}"]) for i in range(len(leaves))]
    )
    return LoadedSynapse(metadata["hyperparameters"], metadata["p_conn"], loaded)


def _path(directory: str | os.PathLike[str], name: str) -> Path:
    return Path(directory) / f"{name}.npz"


def _flat(values: Mapping[str, Any]) -> dict[str, np.ndarray]:
    flat = {name: np.asarray(x) for name, x in values.items() if name not in (_OPT, "key")}
    flat["key"] = np.asarray(jax.random.key_data(values["key"]))
    for position, leaf in enumerate(jax.tree.leaves(values[_OPT])):
        flat[f"{_OPT}.{position}"] = np.asarray(leaf)
    return flat


def _check_metadata(
    metadata: dict[str, Any], identity: Identity, settings: Mapping[str, Any]
) -> None:
    for name, ours in asdict(identity).items():
        theirs = metadata[name]
        if name not in ("name", "p_conn") and theirs != (list(ours) if name == "shape" else ours):
            raise CheckpointError(
                f"holds a synapse whose {name} is {theirs!r}; here it is {ours!r}"
            )
    checks.number("p_conn", metadata["p_conn"], low=0.0, high=1.0, exclusive_low=True)
    stored = metadata["hyperparameters"]
    if set(stored) != set(settings):
        raise CheckpointError(f"holds the hyperparameters {sorted(stored)}, not {sorted(settings)}")
    hyperparameters(**stored)
    stored["prior"] = canonical_prior(stored["prior"]).pair
