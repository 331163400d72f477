"""The learning rule in mathematical notation, with the terms that are switched on."""

from __future__ import annotations

from collections.abc import Sequence

from hebb_core.rule.prior import PRIORS, PriorTerm

from ...controls.controls import Controls

__all__ = ["equation_html", "verdict_html"]


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _i(symbol: str) -> str:
    return f"<mi>{symbol}</mi>"


def _o(symbol: str) -> str:
    return f'<mo stretchy="false">{symbol}</mo>'


def _n(value: float) -> str:
    """Return a number; a negative one in brackets, since it stands among factors."""
    text = f"<mn>{abs(value):.4g}</mn>"
    return text if value >= 0 else _row(_o("("), _o("−"), text, _o(")"))


def _tone(tone: str, content: str) -> str:
    return f'<mrow class="hebb-{tone}">{content}</mrow>'


_W = _i("W")
_SIGN_W = _row("<mtext>sign</mtext>", _o("("), _W, _o(")"))
# The quantity that a term of a prior multiplies.
_PULLED = {"sign": _SIGN_W, "weight": _W}


def _symbol(letter: str) -> str:
    if letter.isdigit():
        return f"<mn>{letter}</mn>"
    return _i(letter) if letter.isalpha() else _o(letter)


class _Writer:
    """Writes the parts of the rule, with quantities as symbols or as current values."""

    def __init__(self, controls: Controls) -> None:
        self.controls = controls.focus
        self.numbers = controls.layout.numbers

    def quantity(self, symbol: str, value: float) -> str:
        return _n(value) if self.numbers else symbol

    def movement(self) -> str:
        rule, optimiser = self.controls.rule, self.controls.optimiser.optim_type
        step = _tone("rule", self.quantity(_i("η"), rule.eta)) + _o("·")
        if optimiser == "sgd":
            return step + _i("dW")
        name = {"adam": "Adam", "nag": "Nesterov"}[optimiser]
        return step + f"<mtext>{name}</mtext>" + _o("(") + _i("dW") + _o(")")

    def hebbian(self) -> str:
        gain, bound = self.controls.gain, self.controls.bound.w_bound
        product = gain.pre_wght * gain.post_wght
        written = _tone("gain", _n(product)) + _o("·") if product != 1 else ""
        written += _tone("pattern", f"<msup>{_i('pre')}{_i('⊤')}</msup>")
        written += _tone("circuit", _i("post"))
        if bound <= 0:
            return written
        symbol = self.quantity(f"<msub>{_i('w')}{_i('b')}</msub>", bound)
        room = _o("(") + symbol + _o("−") + _o("|") + _W + _o("|") + _o(")")
        return written + _o("⊙") + _tone("bound", room)

    def prior(self) -> str:
        controls = self.controls.prior
        if not controls.acts:
            return ""
        kind, ratio = PRIORS[controls.prior], controls.l1_ratio
        strength = self.quantity(_i("λ"), controls.prior_lambda)
        times = _o("·") if self.numbers else ""
        shares = [(self._share(term, ratio), term) for term in kind.terms if term.share(ratio) != 0]
        pulls = [(share + times if share else "") + _PULLED[term.on] for share, term in shares]
        pull = _o("+").join(pulls)
        if kind.uses_ratio or len(pulls) > 1:
            pull = _o("(") + pull + _o(")")
        return _o("−") + _tone("prior", strength + times + pull)

    def _share(self, term: PriorTerm, ratio: float) -> str:
        if (term.numerator, term.denominator) == ("1", 1):
            return ""
        symbol = _row(*map(_symbol, term.numerator))
        if term.denominator > 1:
            symbol = f"<mfrac>{symbol}<mn>{term.denominator}</mn></mfrac>"
        return self.quantity(symbol, term.share(ratio))

    def sign(self) -> str:
        # Always the value, so that a reversed sign is obvious.
        value = self.controls.rule.sign_value
        return _tone("rule", f"<mn>{value:+.4g}</mn>".replace("-", "−"))

    def clip(self) -> str:
        bound = self.controls.bound
        if bound.w_bound <= 0:
            return ""
        low = "0" if bound.is_nonnegative else f"−{bound.w_bound:g}"
        return f'<span class="hebb-clip hebb-bound">kept in [{low}, {bound.w_bound:g}]</span>'


def equation_html(controls: Controls, lit: Sequence[str] = ()) -> str:
    """Return the rule under the current controls as HTML with MathML.

    Terms that are switched off are left out; the others have the colour of their controls. With
    ``controls.layout.numbers``, symbols are replaced by the current values.

    Args:
        controls: the visitor's controls.
        lit: tones of the terms to highlight, ``"move"`` for the step of W; if empty, all look
            alike.
    """
    write = _Writer(controls)
    move = _row(_W, _o("←"), _W, _o("−"), write.movement())
    update = _row(
        _i("dW"), _o("="), write.sign(), _o("·"), _o("["), write.hebbian(), write.prior(), _o("]")
    )
    staged = " ".join(("staged", *(f"lit-{tone}" for tone in lit))) if lit else ""
    return (
        f'<div class="hebb-rule-strip {staged}"><math aria-label="weight step">{move}</math>{write.clip()}'
        f'<span class="hebb-where">where</span><math aria-label="update">{update}</math></div>'
    )


def verdict_html(shown: Controls) -> str:
    """Return the joint effect of sign, η and gains on co-active weights, in words, as HTML."""
    controls = shown.focus
    gain = controls.gain.pre_wght * controls.gain.post_wght
    step = controls.rule.sign_value * controls.rule.eta
    direction = step * gain
    if step and not gain and controls.prior.acts:
        kind, words = "still", "gain 0: only the prior acts"
    elif direction == 0:
        kind, words = "still", "nothing is learned"
    elif direction < 0:
        kind, words = "grow", "ascent: co-active weights grow"
    else:
        kind, words = "shrink", "descent: co-active weights shrink"
    return f'<span class="hebb-verdict {kind}" role="status">{words}</span>'
