"""What the core's tests share: a counter of compilations, and ngc-learn as the oracle."""

from __future__ import annotations

import importlib
import itertools
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import jax
import jax.monitoring
import pytest

COMPILED = "/jax/core/compile/backend_compile_duration"


@pytest.fixture
def compilations() -> Iterator[list[float]]:
    """A list that grows by one entry whenever XLA compiles a program."""
    seen: list[float] = []

    def listen(event: str, duration: float, **_: Any) -> None:
        if event == COMPILED:
            seen.append(duration)

    jax.monitoring.register_event_duration_secs_listener(listen)
    yield seen
    jax.monitoring.unregister_event_duration_listener(listen)


class Oracle:
    """Builds ngc-learn's synapse together with compiled processes that run its methods."""

    def __init__(self) -> None:
        try:
            # ngc-learn parses the command line when imported, and would take pytest's for its own.
            with mock.patch.object(sys, "argv", ["oracle"]):
                ngclearn = importlib.import_module("ngclearn")
                module = importlib.import_module(
                    "ngclearn.components.synapses.hebbian.hebbianSynapse"
                )
        except ImportError as error:
            pytest.fail(
                f"ngc-learn is the oracle of these tests and cannot be imported ({error}): "
                "run `pip install -e '.[test]'`, or `pip install 'ngclearn>=3.2,<4'`",
                pytrace=False,
            )
        self._ngclearn = ngclearn
        self._states = importlib.import_module("ngcsimlib.global_state").stateManager
        self._synapse = module.HebbianSynapse
        self._names = itertools.count()

    def build(self, *args: Any, runs: tuple[str, ...], **kwargs: Any) -> tuple[Any, Callable]:
        """Return ngc-learn's synapse, and a function that runs its methods ``runs`` in order."""
        context = f"oracle{next(self._names)}"
        with self._ngclearn.Context(context):
            synapse = self._synapse(*args, **kwargs)
            process = self._ngclearn.MethodProcess("process")
            for method in runs:
                process >> getattr(synapse, method)

        def run(**keywords: Any) -> None:
            # By default a process takes in the state of every component ever built, so that each
            # further one would compile a larger program.
            state = {
                name: value
                for name, value in self._states.state.items()
                if name.startswith(f"{context}:")
            }
            process.run(state=state, **keywords)

        return synapse, run


@pytest.fixture(scope="session")
def oracle() -> Oracle:
    """ngc-learn; missing, it fails the test that asked for it."""
    return Oracle()
