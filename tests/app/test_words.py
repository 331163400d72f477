"""What the page says: advice, the equation, the keys."""

import re

import pytest

from hebb_core.interop.scripts import ngclearn_script
from hebb_core.rule import prior
from hebb_core.rule.hyper import hyperparameters
from hebb_core.rule.prior import PRIORS, PriorKind, PriorTerm
from hebbscope.controls.controls import Controls
from hebbscope.page.shortcuts import KEYS, KeyboardShortcuts, keys_html
from hebbscope.panels.equation.equation import equation_html, verdict_html
from hebbscope.session.advice import STUCK, advise


class TestAdvice:
    @pytest.mark.parametrize(
        ("settings", "limit", "saturated", "names"),
        [
            ({"sign_value": -1.0, "prior": ("l2", 0.1)}, None, 0.0, set()),
            ({"sign_value": 1.0, "prior": ("l2", 0.1)}, None, 0.0, {"prior grows weights"}),
            ({"sign_value": 1.0}, None, 0.0, set()),
            (
                {"sign_value": -1.0, "w_bound": 0.0, "is_nonnegative": True},
                None,
                0.0,
                {"non-negative idle"},
            ),
            ({"sign_value": -1.0}, 0.1, 0.0, {"eta past the limit"}),
            ({"sign_value": -1.0}, 0.6, 0.0, set()),
            ({"sign_value": -1.0}, None, STUCK, {"stuck at the bound"}),
            ({"sign_value": -1.0, "prior": ("l1", 0.1)}, None, STUCK, set()),
        ],
    )
    def test_what_is_said(self, settings, limit, saturated, names):
        told = advise(hyperparameters(eta=0.5, **settings), limit, saturated)
        assert {one.name for one in told} == names


class TestEquation:
    def test_only_terms_that_are_on(self):
        controls = Controls()
        assert "<mi>λ</mi>" in equation_html(controls)
        controls.prior.prior = "constant"
        assert "<mi>λ</mi>" not in equation_html(controls)
        assert "hebb-bound" in equation_html(controls)
        controls.bound.w_bound = 0
        assert "hebb-bound" not in equation_html(controls)

    @pytest.mark.parametrize("prior", ["l1", "l2", "elastic_net"])
    def test_numbers_take_the_place_of_symbols(self, prior):
        controls = Controls()
        assert controls.apply({"eta": "0.07", "prior": prior, "prior_lambda": "0.31"}) == []
        symbols = equation_html(controls)
        assert "0.31" not in symbols
        controls.layout.numbers = True
        written = equation_html(controls)
        for symbol in ("<mi>η</mi>", "<mi>λ</mi>", "<mi>r</mi>", "<mi>b</mi>"):
            assert symbol not in written
        for number in ("0.07", "0.31"):
            assert f"<mn>{number}</mn>" in written

    @pytest.mark.parametrize(
        ("kind", "ratio", "written"),
        [
            ("l2", 0.5, "λW"),
            ("l1", 0.5, "λsign(W)"),
            ("elastic_net", 0.25, "λ(rsign(W)+1−r2W)"),
            ("elastic_net", 0.0, "λ(1−r2W)"),
            ("elastic_net", 1.0, "λ(rsign(W))"),
        ],
    )
    def test_a_prior_is_written_as_it_pulls(self, kind, ratio, written):
        controls = Controls()
        controls.prior.prior, controls.prior.l1_ratio = kind, ratio
        pull = equation_html(controls).split('<mrow class="hebb-prior">')[1]
        assert re.sub("<[^>]*>", "", pull).startswith(written + "]")

    def test_a_new_prior_is_written_as_itself_and_one_without_a_name_there_is_not_exported(
        self, monkeypatch
    ):
        half = PriorTerm("sign", lambda ratio: ratio / 3.0, "r", 3)
        new = PriorKind("third", "a third", (), "A third of L1.", (half,), "")
        monkeypatch.setitem(PRIORS, "third", new)
        monkeypatch.setitem(prior._BY_ANY_NAME, "third", new)
        controls = Controls()
        monkeypatch.setattr(controls.prior.param.prior, "objects", list(PRIORS))
        controls.prior.prior = "third"
        pull = equation_html(controls).split('<mrow class="hebb-prior">')[1]
        assert re.sub("<[^>]*>", "", pull).startswith("λ(r3sign(W))]")
        assert controls.setup().hyper().prior_l1 == pytest.approx(0.05 * 0.5 / 3)
        with pytest.raises(ValueError, match="ngc-learn has no prior 'third'"):
            ngclearn_script(controls.setup(), 1)

    @pytest.mark.parametrize(
        ("eta", "sign", "says"),
        [
            ("0.1", "-1", "grow"),
            ("0.1", "1", "shrink"),
            ("-0.1", "1", "grow"),
            ("0", "1", "nothing"),
        ],
    )
    def test_the_verdict(self, eta, sign, says):
        controls = Controls()
        assert controls.apply({"eta": eta, "sign_value": sign}) == []
        assert says in verdict_html(controls)


class TestHands:
    def test_keys_are_told_and_do_what_they_say(self):
        done, moves = [], []
        hands = KeyboardShortcuts(
            {name: lambda name=name: done.append(name) for name in ("toggle", "step", "reset")},
            lambda *by: moves.append(by),
        )
        assert hands.bindings[" "] == "toggle"
        hands.received({"kind": "act", "action": "toggle"})
        hands.received({"kind": "act", "action": "toggle"})
        hands.received({"kind": "move", "down": -1, "across": 10})
        hands.received({"kind": "act", "action": "anything else"})
        assert done == ["toggle", "toggle"]
        assert moves == [(-1, 10)]
        for key in KEYS:
            assert key.explanation in keys_html()
