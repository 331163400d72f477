"""A run as a Python script that uses this package's engine."""

from __future__ import annotations

from string import Template

from ..run.setup import Setup
from .script_parts import (
    INSTALL,
    STEADY,
    bank_lines,
    checked_steps,
    circuit_call,
    keywords,
    network_call,
    pattern_call,
    pattern_names,
    rule_values,
)
from .script_text import call, docstring, import_lines

__all__ = ["hebb_core_script"]

_ENGINE = Template("""\
$docstring

import hashlib

import numpy as np
$imports

${bank}network = $network
settings = $settings
engine = $engine

steps = $steps
taken = 0
while taken < steps:
    frame = engine.run(settings, min(steps - taken, MAX_STEPS))
    taken += len(frame.record)
    if not frame.finite:
        raise SystemExit(f"weights stop being finite in step {taken}")

weights = np.asarray(engine.state.synapse.weights)
digest = hashlib.sha256(weights.tobytes()).hexdigest()[:16]
print(f"{steps} steps: mean |W| {np.abs(weights).mean():.6f}, digest {digest}")
""")


def hebb_core_script(setup: Setup, steps: int) -> str:
    """Return a Python script that runs ``setup`` for ``steps`` steps with the engine.

    The script ends with the final weights, ``(n, m)``, as ``weights``. On the same kind of machine
    they equal, bit for bit, the weights of an engine that used these settings in every step.

    Args:
        setup: the run's setup.
        steps: steps to take, at least 0.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: a value is out of range, or part of the setup cannot be written as source; see
            :func:`hebb_core.interop.script_parts.checked_steps`.
    """
    steps = checked_steps(setup, steps)
    engine = [
        "network",
        *keywords({"batch_size": setup.batch_size, "optim_type": setup.optim_type}),
    ]
    return _ENGINE.substitute(
        docstring=docstring("A run of Hebbscope's engine.", STEADY, INSTALL),
        imports=import_lines(
            ("hebb_core", "Engine", "Network", "Settings", "circuit_settings", "hyperparameters"),
            ("hebb_core.run.engine", "MAX_STEPS"),
            ("hebb_core.signals.patterns", *pattern_names(setup)),
        ),
        bank=bank_lines(setup),
        network=network_call(setup),
        settings=call("Settings", _hyper(setup), pattern_call(setup), circuit_call(setup)),
        engine=call("Engine", *engine),
        steps=steps,
    )


def _hyper(setup: Setup) -> str:
    values = {"resist_scale": setup.resist_scale, "learn_bias": setup.learn_bias}
    return call("hyperparameters", *keywords(rule_values(setup) | values))
