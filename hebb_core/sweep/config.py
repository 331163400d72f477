"""Read the description of a sweep from TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from typing import Any

from ..run.engine import Network
from ..run.setup import Setup
from .axes import Axis, Plan

__all__ = ["EXAMPLE", "read_config"]

#: Example configuration that uses every table.
EXAMPLE = """\
steps = 200                       # per run
seeds = [0, 1]                    # each cell runs once per seed

[rule]                            # values that no axis varies; all keys are optional
eta = 0.05
w_bound = 1.0
is_nonnegative = false
prior = "l2"                      # constant, l2, l1 or elastic_net
prior_lambda = 0.05
l1_ratio = 0.5
sign_value = -1.0
pre_wght = 1.0
post_wght = 1.0
resist_scale = 1.0
learn_bias = false
optim_type = "sgd"                # sgd, adam or nag
batch_size = 1

[network]
n_pre = 32
n_post = 32
p_conn = 1.0
weight_init = ["uniform", 0.025, 0.8]

[pattern]                         # its name and its parameters
name = "ring"
noise = 0.0

[circuit]
name = "teacher"

[[axis]]
name = "eta"
scale = "log"                     # linear by default
start = 0.001
stop = 1.0
count = 16

[[axis]]
name = "w_bound"
values = [0.5, 1.0, 2.0]          # or a list of values
"""

_RULE = {
    "eta",
    "w_bound",
    "is_nonnegative",
    "prior",
    "prior_lambda",
    "l1_ratio",
    "sign_value",
    "pre_wght",
    "post_wght",
    "resist_scale",
    "learn_bias",
    "optim_type",
    "batch_size",
}
_NETWORK = {"n_pre", "n_post", "p_conn", "weight_init"}
_AXIS = {"name", "scale", "start", "stop", "count", "values"}
_WHOLE = {"steps", "seeds", "rule", "network", "pattern", "circuit", "axis"}


def read_config(text: str) -> Plan:
    """Return the sweep described by ``text``, TOML in the format of :data:`EXAMPLE`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: ``text`` is not valid TOML, a key is unknown or missing, or a value is out of
            range.
    """
    document = tomllib.loads(text)
    _known("the file", document, _WHOLE)
    if "steps" not in document or "axis" not in document:
        raise ValueError("the file must set steps, and one or more [[axis]]")
    axes = document["axis"]
    if not isinstance(axes, list) or not all(isinstance(axis, dict) for axis in axes):
        raise ValueError("each axis must be a separate table, headed [[axis]]")
    rule, network = _table(document, "rule", _RULE), _table(document, "network", _NETWORK)
    pattern, circuit = _table(document, "pattern", None), _table(document, "circuit", None)
    chosen: dict[str, Any] = {}
    for what, table in (("pattern", pattern), ("circuit", circuit)):
        if "name" in table:
            chosen[what] = table.pop("name")
    setup = Setup(
        **rule, **chosen, pattern_values=pattern, circuit_values=circuit, network=Network(**network)
    )
    seeds = document.get("seeds", [0])
    if not isinstance(seeds, list):
        raise TypeError(f"seeds must be a list of whole numbers, got {seeds!r}")
    return Plan(setup, tuple(_axis(axis) for axis in axes), document["steps"], tuple(seeds))


def _known(where: str, table: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ValueError(f"{where} may set {', '.join(sorted(known))}; got {', '.join(unknown)}")


def _table(document: Mapping[str, Any], name: str, known: set[str] | None) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise TypeError(f"{name} must be a table, headed [{name}], got {table!r}")
    if known is not None:
        _known(f"[{name}]", table, known)
    return dict(table)


def _axis(table: Mapping[str, Any]) -> Axis:
    _known("[[axis]]", table, _AXIS)
    if "name" not in table:
        raise ValueError("each [[axis]] must have a name")
    name, scale = table["name"], table.get("scale", "linear")
    if "values" in table:
        if not isinstance(table["values"], list) or {"scale", "start", "stop", "count"} & set(
            table
        ):
            raise ValueError(f"axis {name} must have a list of values, or start, stop and count")
        return Axis(name, tuple(table["values"]))
    missing = sorted({"start", "stop", "count"} - set(table))
    if missing:
        raise ValueError(f"axis {name} lacks {', '.join(missing)}")
    if scale not in ("linear", "log"):
        raise ValueError(f"axis {name}: scale must be linear or log, got {scale!r}")
    make = Axis.log if scale == "log" else Axis.linear
    return make(name, table["start"], table["stop"], table["count"])
