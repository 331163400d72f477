"""Scripts that are copied from a run end on that run's weights."""

from __future__ import annotations

import itertools
import subprocess
import sys
import types
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hebb_core import CIRCUITS, PRIORS, Engine, Network
from hebb_core.interop.script_parts import INSTALL
from hebb_core.interop.scripts import (
    MAX_DRAWN_NUMBERS,
    hebb_core_script,
    ngclearn_limits,
    ngclearn_script,
)
from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.run.setup import Setup
from hebb_core.signals.patterns import pattern_bank

from ..runs import SHAPE, SMALL
from ..synapse.test_parity import TOLERANCE

NUMBERS = itertools.count()
# One shape and batch size, and connections that are missing: one program for each optimiser.
NETWORK = replace(SMALL, weight_init=("gaussian", 0.0, 0.3))
# Generic reals: nothing ties, and no dW comes near zero, where rounding would be amplified.
GENERIC = {
    "eta": 0.013,
    "pattern": "correlated",
    "pattern_values": {"noise": 0.2},
    "batch_size": 2,
    "network": NETWORK,
}
STEPS = 30

# Between them: every circuit, prior, optimiser and hyperparameter.
LIVES = (
    {"circuit": "teacher", "prior": "l2", "prior_lambda": 0.05, "learn_bias": True},
    {"circuit": "linear", "prior": "l1", "prior_lambda": 0.02, "pre_wght": 0.5, "post_wght": -1.5},
    {
        "circuit": "relu",
        "w_bound": 0.4,
        "is_nonnegative": True,
        "prior": "elastic_net",
        "prior_lambda": 0.1,
        "l1_ratio": 0.3,
    },
    {
        "circuit": "winner_take_all",
        "circuit_values": {"winners": 2},
        "w_bound": 0,
        "is_nonnegative": True,
    },
    {"circuit": "softmax", "resist_scale": 0.7, "optim_type": "nag", "learn_bias": True},
    {"circuit": "error", "resist_scale": -0.7, "optim_type": "adam", "learn_bias": True},
    {
        "circuit": "independent",
        "sign_value": 1,
        "eta": -0.02,
        "w_bound": 2,
        "pattern": "ring",
        "pattern_values": {"width": 0.1},
        "network": replace(NETWORK, weight_init=("zeros",)),
    },
)


def setup_of(**changes: Any) -> Setup:
    return Setup(**{**GENERIC, **changes})


def weights_of(setup: Setup, steps: int = STEPS) -> np.ndarray:
    engine = Engine(setup.network, batch_size=setup.batch_size, optim_type=setup.optim_type)
    if steps:
        engine.run(setup.settings(), steps)
    return np.asarray(engine.state.synapse.weights)


def executed(script: str) -> dict[str, Any]:
    """What a script leaves behind, run in this process."""
    # ngc-learn would go on in the context of the script before.
    script = script.replace('Context("hebbscope")', f'Context("script{next(NUMBERS)}")')
    module = types.ModuleType("script")
    exec(compile(script, "script.py", "exec"), vars(module))
    return vars(module)


def in_a_process_of_its_own(script: str) -> str:
    found = subprocess.run(
        [sys.executable, "-"], input=script, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def assert_same_weights(setup: Setup, steps: int = STEPS) -> dict[str, Any]:
    left = executed(ngclearn_script(setup, steps))
    ours = weights_of(setup, steps)
    np.testing.assert_allclose(left["weights"], ours, **TOLERANCE)
    assert not np.array_equal(ours, weights_of(setup, 0)), "nothing was learned"
    return left


@pytest.mark.usefixtures("oracle")
class TestNgclearn:
    def test_the_lives_leave_nothing_out(self):
        for name, known in (("circuit", CIRCUITS), ("prior", PRIORS), ("optim_type", OPTIMISERS)):
            assert {getattr(setup_of(**changes), name) for changes in LIVES} == set(known)

    @pytest.mark.parametrize("changes", LIVES, ids=lambda changes: changes["circuit"])
    def test_ends_on_the_weights_of_the_engine(self, changes):
        left = assert_same_weights(setup_of(**changes))
        assert np.any(left["synapse"].biases.get()) == changes.get("learn_bias", False)
        absent = np.asarray(left["first"].synapse.mask) == 0
        assert absent.any()
        assert not left["weights"][absent].any()

    def test_drawn_patterns_and_connections_that_are_all_there(self):
        random = np.random.default_rng(0)
        bank = pattern_bank(random.random((3, 12)) < 0.5, random.normal(size=(3, 16)))
        network = Network(*SHAPE, weight_init=NETWORK.weight_init, seed=2**32 - 1)
        setup = setup_of(
            pattern="drawn", pattern_values={}, bank=bank, network=network, batch_size=4
        )
        assert_same_weights(setup)
        assert "mask" not in ngclearn_script(setup, STEPS)

    def test_in_a_process_of_its_own(self):
        setup = setup_of(circuit="softmax", optim_type="nag")
        said = in_a_process_of_its_own(ngclearn_script(setup, STEPS))
        size = float(said.split("mean |W|")[1])
        assert size == pytest.approx(np.abs(weights_of(setup)).mean(), rel=1e-4)

    def test_no_steps_leave_the_first_weights(self):
        left = executed(ngclearn_script(setup_of(), 0))
        np.testing.assert_array_equal(left["weights"], weights_of(setup_of(), 0))


class TestHebbCore:
    @pytest.mark.parametrize("steps", [0, 1, 1003])
    def test_ends_on_the_weights_of_the_engine_to_the_bit(self, steps):
        setup = setup_of(
            circuit="softmax", prior="elastic_net", prior_lambda=1 / 3, optim_type="adam"
        )
        left = executed(hebb_core_script(setup, steps))
        engine = Engine(setup.network, batch_size=2, optim_type="adam")
        for _ in range(steps):
            engine.run(setup.settings())
        np.testing.assert_array_equal(left["weights"], engine.state.synapse.weights)

    def test_drawn_patterns_are_the_same_to_the_bit(self):
        random = np.random.default_rng(1)
        drawn = random.normal(size=(5, 6))
        drawn[0] = [-0.0, 0.0, -1.0, 999.0, 1000.0, -0.5]
        bank = pattern_bank(drawn, random.normal(size=(5, 4)) * 1e-6)
        left = executed(
            hebb_core_script(setup_of(pattern="drawn", pattern_values={}, bank=bank), 0)
        )
        for name in ("pre", "target", "count"):
            assert getattr(left["bank"], name).tobytes() == getattr(bank, name).tobytes()

    def test_a_run_that_breaks_says_where(self):
        setup = setup_of(circuit="linear", w_bound=0, eta=1e30)
        with pytest.raises(SystemExit, match=r"stop being finite in step \d"):
            executed(hebb_core_script(setup, STEPS))


@pytest.mark.parametrize("write", [hebb_core_script, ngclearn_script])
class TestText:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"circuit": "winner_take_all", "learn_bias": True, "network": Network(4, 2)},
            {
                "circuit": "relu",
                "optim_type": "adam",
                "w_bound": 0,
                "prior": "l1",
                "prior_lambda": 1,
            },
            {
                "pattern": "drawn",
                "pattern_values": {},
                "bank": pattern_bank(np.eye(60, 6), np.random.default_rng(0).normal(size=(60, 4))),
            },
        ],
    )
    def test_is_laid_out_as_ruff_would(self, write, changes):
        script = write(setup_of(**changes), 10)
        for command in (["format", "--check", "--diff"], ["check", "--select=E,F,W,I,B,UP"]):
            options = ["--isolated", "--line-length=100", "--stdin-filename=script.py", "-"]
            found = subprocess.run(
                [sys.executable, "-m", "ruff", *command, *options],
                input=script,
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
            )
            assert found.returncode == 0, found.stdout + found.stderr

    def test_it_says_what_is_to_be_installed(self, write):
        script = write(setup_of(), 10)
        assert INSTALL in script.splitlines()
        assert 'pip install "hebbscope' not in script
        assert ('pip install "ngclearn>=3.2,<4"' in script) == (write is ngclearn_script)

    def test_numbers_are_written_in_full(self, write):
        script = write(setup_of(eta=0.1 + 0.2, pattern_values={"noise": 1 / 3}), 10)
        assert "eta=0.30000000000000004" in script
        assert f"noise={1 / 3!r}" in script

    def test_what_cannot_be_written_down_is_refused(self, write):
        made = replace(NETWORK, weight_init=lambda shape, key: np.zeros(shape))
        with pytest.raises(ValueError, match="weight_init is a function"):
            write(setup_of(network=made), 10)
        network = Network(3000, 100)
        bank = pattern_bank(np.zeros((2, 3000)), np.zeros((2, 100)))
        large = setup_of(pattern="drawn", pattern_values={}, network=network, bank=bank)
        with pytest.raises(ValueError, match=f"6200 numbers.* at most {MAX_DRAWN_NUMBERS}"):
            write(large, 10)
        # What is not shown need not be written down.
        assert "bank" not in write(replace(large, pattern="ring"), 10)

    @pytest.mark.parametrize("steps", [-1, 2**31, 1.5, True])
    def test_steps_are_a_whole_number(self, write, steps):
        with pytest.raises((TypeError, ValueError), match="steps"):
            write(setup_of(), steps)

    def test_a_wrong_setup_is_refused(self, write):
        with pytest.raises(ValueError, match="w_bound"):
            write(setup_of(w_bound=-1.0), 10)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"circuit": "winner_take_all"}, "Winner take all"),
        ({"prior": "l1", "prior_lambda": 0.1}, "L1"),
        ({"prior": "elastic_net", "prior_lambda": 0.1}, "L1"),
        ({"optim_type": "adam"}, "Adam"),
        ({"w_bound": 0.0}, "no bound"),
    ],
)
def test_what_sets_the_two_apart_is_told(changes, words):
    told = [sentence for sentence in ngclearn_limits(setup_of(**changes)) if words in sentence]
    assert len(told) == 1
    assert not [sentence for sentence in ngclearn_limits(setup_of()) if words in sentence]
    flat = " ".join(ngclearn_script(setup_of(**changes), 1).split())
    assert told[0] in flat
