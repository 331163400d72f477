"""The rule over the heatmaps, in mathematical notation, with the terms that are switched on."""

from __future__ import annotations

from app.controls import Controls

__all__ = ["equation_html"]


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _i(symbol: str) -> str:
    return f"<mi>{symbol}</mi>"


def _o(symbol: str) -> str:
    return f'<mo stretchy="false">{symbol}</mo>'


def _tone(tone: str, content: str) -> str:
    return f'<mrow class="hebb-{tone}">{content}</mrow>'


def _abs_w() -> str:
    return _o("|") + _i("W") + _o("|")


def _movement(optimiser: str) -> str:
    step = _tone("rule", _i("η"))
    if optimiser == "sgd":
        return step + _o("·") + _i("dW")
    name = {"adam": "Adam", "nag": "Nesterov"}[optimiser]
    return step + _o("·") + f"<mtext>{name}</mtext>" + _o("(") + _i("dW") + _o(")")


def _prior(controls: Controls) -> str:
    kind = controls.prior.prior
    lam = _i("λ")
    sign = _row(f"<mtext>sign</mtext>{_o('(')}{_i('W')}{_o(')')}")
    ratio = _i("r")
    if kind == "l2":
        return lam + _i("W")
    if kind == "l1":
        return lam + sign
    half = f"<mfrac><mrow><mn>1</mn>{_o('−')}{ratio}</mrow><mn>2</mn></mfrac>"
    return lam + _o("(") + ratio + sign + _o("+") + half + _i("W") + _o(")")


def _verdict(controls: Controls) -> tuple[str, str]:
    """What sign and η do together to co-active weights: a class and a sentence."""
    direction = controls.rule.sign_value * controls.rule.eta
    if direction == 0:
        return "still", "nothing is learned"
    if direction < 0:
        return "grow", "ascent: co-active weights grow"
    return "shrink", "descent: co-active weights shrink"


def equation_html(controls: Controls) -> str:
    """Return the rule under the present controls: HTML with MathML, and a verdict on the sign."""
    pre = _tone("pattern", f"<msup>{_i('pre')}{_i('⊤')}</msup>")
    post = _tone("circuit", _i("post"))
    gain = controls.gain.pre_wght * controls.gain.post_wght
    hebbian = (_tone("gain", f"<mn>{gain:g}</mn>") + _o("·") if gain != 1 else "") + pre + post
    if controls.bound.w_bound > 0:
        bound = _o("(") + f"<msub>{_i('w')}{_i('b')}</msub>" + _o("−") + _abs_w() + _o(")")
        hebbian += _o("⊙") + _tone("bound", bound)
    prior = "" if controls.prior.prior == "constant" else _o("−") + _tone("prior", _prior(controls))
    sign = _tone("rule", f"<mn>{_number(controls.rule.sign_value)}</mn>")
    update = _row(_i("dW"), _o("="), sign, _o("·"), _o("["), hebbian, prior, _o("]"))
    clip = ""
    if controls.bound.w_bound > 0:
        low = "0" if controls.bound.is_nonnegative else f"−{controls.bound.w_bound:g}"
        clip = (
            f'<span class="hebb-clip hebb-bound">kept in [{low}, {controls.bound.w_bound:g}]</span>'
        )
    move = _row(_i("W"), _o("←"), _i("W"), _o("−"), _movement(controls.optimiser.optim_type))
    kind, words = _verdict(controls)
    return (
        f'<div class="hebb-rule-strip"><math aria-label="weight step">{move}</math>'
        f'{clip}<span class="hebb-where">where</span><math aria-label="update">{update}</math>'
        f'<span class="hebb-verdict {kind}" role="status">{words}</span></div>'
    )


def _number(value: float) -> str:
    return (
        f"{value:+g}".replace("-", "−") if value not in (1, -1) else ("−1" if value < 0 else "+1")
    )
