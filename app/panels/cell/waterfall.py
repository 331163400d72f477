"""The last step of one weight as a table of stages, each with its number and a bar."""

from __future__ import annotations

from dataclasses import dataclass

from hebb_core.rule.explain import CellStep

__all__ = ["WaterfallBar", "signed", "stages", "waterfall_html"]


@dataclass(frozen=True)
class WaterfallBar:
    """One stage of a step.

    Attributes:
        label: name of the stage, as HTML.
        start: value at which its bar starts.
        end: value at which its bar ends, which is the result up to this stage.
        tone: name of its colour, shared with the control that sets it.
    """

    label: str
    start: float
    end: float
    tone: str


# Smaller steps have no bars: they do not change a float32 weight of about 1.
_FAINT = 1e-9


def signed(value: float) -> str:
    """Return ``value`` as text, with its sign and four significant digits."""
    if value == 0:
        return "0"
    text = f"{value:+.3e}" if abs(value) < 1e-4 or abs(value) >= 1e4 else f"{value:+.4g}"
    return text.replace("-", "−")


def stages(
    story: CellStep, sign_value: float, optimiser: str
) -> tuple[list[WaterfallBar], list[WaterfallBar]]:
    """Return the stages of a step.

    Args:
        story: the step.
        sign_value: the factor on the whole update.
        optimiser: display name of the optimiser.

    Returns:
        The stages up to dW, and those from the optimiser to the actual ΔW. In each list, a stage
        acts on the result of the one before.
    """
    together = story.hebbian + story.prior
    clipped = story.clipped - story.before
    asked = [
        WaterfallBar("pre·post", 0, story.correlation, "pattern"),
        WaterfallBar(f"× bound {signed(story.bound)}", 0, story.hebbian, "bound"),
        WaterfallBar(f"+ prior {signed(story.prior)}", story.hebbian, together, "prior"),
        WaterfallBar(
            f"× sign {sign_value:+g}".replace("-", "−") + " <b>= dW</b>", 0, story.d_weight, "rule"
        ),
    ]
    done = [
        WaterfallBar(f"{optimiser}, −η", 0, story.asked, "rule"),
        WaterfallBar("clip", story.asked, clipped, "bound"),
        WaterfallBar("mask", clipped, story.delta, "network"),
        WaterfallBar("<b>= ΔW</b>", 0, story.delta, "total"),
    ]
    return asked, done


def _rows(group: list[WaterfallBar]) -> str:
    reach = max((abs(v) for stage in group for v in (stage.start, stage.end)), default=0.0)
    # Bars are drawn relative to the largest, so negligible steps would look large.
    reach = reach if reach > _FAINT else 0.0
    rows = []
    for stage in group:
        low, high = sorted((stage.start, stage.end))
        left = 50 + 50 * low / reach if reach else 50.0
        width = 50 * (high - low) / reach if reach else 0.0
        rows.append(
            f'<tr class="hebb-stage-{stage.tone}"><th scope="row">{stage.label}</th>'
            f"<td>{signed(stage.end)}</td>"
            f'<td class="bar" aria-hidden="true"><i style="left:{left:.2f}%;width:{width:.2f}%"></i>'
            "</td></tr>"
        )
    return "".join(rows)


def waterfall_html(
    story: CellStep,
    row: int,
    col: int,
    sign_value: float,
    optimiser: str,
    *,
    step: int,
    moved: bool,
) -> str:
    """Return the table as HTML, under a heading with the weight before and after.

    ``step`` is the number of the step; ``moved`` is False for a preview: the step that would
    be taken if the last input were presented again.
    """
    asked, done = stages(story, sign_value, optimiser)
    says = f"step {step}" if moved else "would do"
    return (
        f'<div class="hebb-plot-head"><b>W[{row}, {col}]</b>'
        f'<span class="hebb-key">{says}: {signed(story.before)} → <b data-cell="after">'
        f"{signed(story.after)}</b></span></div>"
        '<table class="hebb-waterfall">'
        f"<tbody>{_rows(asked)}</tbody><tbody>{_rows(done)}</tbody></table>"
    )
