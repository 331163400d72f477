"""The core against ngc-learn: time per step, and the price of turning a knob."""

from __future__ import annotations

import itertools
import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from ngclearn import Context, MethodProcess
from ngclearn.components.synapses.hebbian.hebbianSynapse import HebbianSynapse as NgcSynapse

from hebb_core import HebbianSynapse
from hebb_core.rule import rule
from hebb_core.rule.hyper import hyperparameters
from hebb_core.run.engine import Engine, Network, Settings
from hebb_core.signals.circuits import circuit_settings
from hebb_core.signals.patterns import pattern_settings

from .table import Row

# As the app runs: JAX computes in the thread that calls it. Both sides gain from it.
jax.config.update("jax_cpu_enable_async_dispatch", False)

BATCH = 16
# Size -> how many times faster the rule is wanted to be; None: for information.
WANTED = {32: None, 64: 10.0, 256: None, 1024: 5.0}
HYPER = {"eta": 1e-3, "sign_value": -1.0, "prior": ("l2", 0.01)}

_names = itertools.count()


def _per_call(call: Callable[[], Any], calls: int, rounds: int = 3) -> float:
    """Best mean time of ``calls`` calls, in seconds, over ``rounds``; the first is a warm-up."""
    call()
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, (time.perf_counter() - start) / calls)
    return best


def ngclearn(n: int, batch: int = BATCH, **hyper: Any) -> tuple[Any, Any]:
    """A compiled process of ngc-learn: forward and evolve, as one call."""
    with Context(f"bench{next(_names)}"):
        synapse = NgcSynapse("W", (n, n), batch_size=batch, key=jax.random.PRNGKey(0), **hyper)
        process = MethodProcess("learn")
        process >> synapse.advance_state
        process >> synapse.evolve
    signal = jax.random.uniform(jax.random.key(1), (batch, n))
    for compartment in (synapse.inputs, synapse.pre, synapse.post):
        compartment.set(signal)
    return synapse, process


@partial(jax.jit, donate_argnums=0)
def _loop(state: Any, hyper: Any, signals: Any, steps: Any) -> Any:
    """What ngc-learn's process does, ``steps`` times: forward and evolve on given signals.

    Each step has other signals: were they the same, the compiler would take the product of pre and
    post out of the loop, which ngc-learn's process makes anew at each call.
    """

    def step(i: Any, carry: Any) -> Any:
        state, _ = carry
        pre, post = signals[i % len(signals)], signals[(i + 1) % len(signals)]
        outputs = rule.forward(hyper, state.weights, state.biases, pre)
        return rule.step(hyper, state, pre, post, "sgd").state, outputs

    return jax.lax.fori_loop(0, steps, step, (state, jnp.zeros_like(signals[0])))


def step_rows() -> list[Row]:
    """Microseconds per step at four sizes: the rule alone, and the whole engine."""
    rows = []
    for n, wanted in WANTED.items():
        synapse, process = ngclearn(n, **HYPER)

        def theirs(synapse: Any = synapse, process: Any = process) -> None:
            process.run(dt=1.0)
            jax.block_until_ready(synapse.weights.get())

        their_time = _per_call(theirs, calls=20 if n > 500 else 100) * 1e6

        steps = 50 if n > 500 else 1000
        signals = jax.random.uniform(jax.random.key(1), (16, BATCH, n))
        hyper = hyperparameters(**HYPER)
        state = rule.initial_state(
            jax.random.uniform(jax.random.key(0), (n, n)),
            jnp.zeros((1, n)),
            jnp.ones((1, 1)),
            "sgd",
        )
        kept = [state]

        def ours(
            kept: Any = kept, hyper: Any = hyper, signals: Any = signals, k: int = steps
        ) -> None:
            kept[0], outputs = _loop(kept[0], hyper, signals, np.int32(k))
            jax.block_until_ready((kept[0], outputs))

        our_time = _per_call(ours, calls=3) / steps * 1e6
        rows.append(Row.faster(f"one step at {n}²: rule", our_time, their_time, "µs", wanted))

        engine = Engine(Network(n, n), batch_size=BATCH)
        settings = Settings(hyper, pattern_settings("random_binary"), circuit_settings("linear"))

        def whole(engine: Any = engine, settings: Any = settings, k: int = steps) -> None:
            jax.block_until_ready(engine.run(settings, k).weights)

        engine_time = _per_call(whole, calls=3) / steps * 1e6
        rows.append(
            Row.faster(
                f"one step at {n}²: pattern, circuit, rule and metrics",
                engine_time,
                their_time,
                "µs",
                None,
            )
        )
    return rows


def change_row() -> Row:
    """A changed hyperparameter, until the first step with it is done, at 64²."""
    synapse = HebbianSynapse(
        "W", (64, 64), batch_size=BATCH, key=0, eta=1e-3, sign_value=-1.0, prior=("l2", 0.01)
    )
    signal = np.asarray(jax.random.uniform(jax.random.key(1), (BATCH, 64)))
    synapse.pre.set(signal)
    synapse.post.set(signal)
    values = itertools.cycle((0.5, 1.0, 2.0))

    def ours() -> None:
        synapse.w_bound = next(values)
        synapse.evolve()
        jax.block_until_ready(synapse.weights.get())

    def theirs() -> float:
        start = time.perf_counter()
        rebuilt, process = ngclearn(64, w_bound=next(values), **HYPER)
        process.run(dt=1.0)
        jax.block_until_ready(rebuilt.weights.get())
        return time.perf_counter() - start

    theirs()
    their_time = statistics.median(theirs() for _ in range(5))
    return Row.faster(
        "change w_bound and take a step, 64²",
        _per_call(ours, 300) * 1e3,
        their_time * 1e3,
        "ms",
        1000,
    )
