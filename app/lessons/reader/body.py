"""Parses the body of a lesson, in Markdown, into an introduction and steps."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ..lesson import Choice, LessonError, RunOrder, Step
from .front_matter import whole_at
from .numbers import MAX_STEPS

__all__ = ["Body", "inline_html", "read_body", "render_html"]

_CHOICE = re.compile(r"\[([ xX])\]\s+(\S.*)", re.DOTALL)
# Token types of a list of one-line items, without ``_open`` and ``_close``.
_PLAIN = {"bullet_list", "list_item", "paragraph", "inline"}
_SET = re.compile(r"([A-Za-z0-9_]+)\s*=\s*([^,\s][^,]*)")


def _new_page(renderer: Any, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    # In a new tab: leaving the page would end the run.
    tokens[index].attrSet("target", "_blank")
    tokens[index].attrSet("rel", "noopener noreferrer")
    return renderer.renderToken(tokens, index, options, env)


# Escapes raw HTML and omits images, which could be loaded from any host.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_MARKDOWN.add_render_rule("link_open", _new_page)


def render_html(text: str) -> str:
    """Render Markdown as HTML; raw HTML in it is escaped."""
    return _MARKDOWN.render(text).strip()


def inline_html(text: str) -> str:
    """Render one line of Markdown as HTML, without a paragraph around it."""
    return _MARKDOWN.renderInline(text).strip()


@dataclass(frozen=True)
class Body:
    """The part of a lesson after its front matter: ``intro_html`` and ``steps``."""

    intro_html: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class _Block:
    """A top-level block of the Markdown: its kind, its lines ``[first, end)`` and its tokens."""

    kind: str  # "heading", "choices", "run" or "text"
    first: int
    end: int
    tokens: Sequence[Token]


def _blocks(text: str) -> list[_Block]:
    tokens = _MARKDOWN.parse(text)
    blocks, start = [], 0
    for place, token in enumerate(tokens):
        # Skip to the last token of a top-level block: its closing tag, or the block itself.
        if token.level != 0 or token.nesting == 1:
            continue
        whole = tokens[start : place + 1]
        start = place + 1
        lines = whole[0].map
        if lines is not None:
            blocks.append(_Block(_kind(whole), lines[0], lines[1], whole))
    return blocks


def _kind(tokens: Sequence[Token]) -> str:
    first = tokens[0]
    if first.type == "heading_open" and first.tag == "h2":
        return "heading"
    if first.type == "fence" and first.info.strip() == "run":
        return "run"
    if first.type == "bullet_list_open":
        inline = [token.content for token in tokens if token.type == "inline"]
        if inline and _CHOICE.match(inline[0]):
            return "choices"
    return "text"


def read_body(text: str, first_line: int, fill: Callable[[str, str], str]) -> Body:
    """Parse the body of a lesson into the introduction and the steps.

    Args:
        text: Markdown; a second-level heading begins each step.
        first_line: line number of the start of ``text`` in the file.
        fill: ``fill(where, text)`` returns ``text`` with numbers inserted for their names.

    Raises:
        LessonError: there is no step, or a step has missing, duplicate or malformed parts.
    """
    lines = text.splitlines()
    groups: list[list[_Block]] = [[]]
    for block in _blocks(text):
        if block.kind == "heading":
            groups.append([])
        groups[-1].append(block)
    intro, steps = groups[0], groups[1:]
    for block in intro:
        if block.kind != "text":
            raise LessonError(
                f"line {first_line + block.first}: choices and runs belong to a step, under a "
                "heading that begins with ##"
            )
    if not steps:
        raise LessonError("the text: must have one or more steps, each under its own heading (##)")

    def part(blocks: Sequence[_Block]) -> str:
        source = "\n\n".join("\n".join(lines[block.first : block.end]) for block in blocks)
        where = f"line {first_line + blocks[0].first}" if blocks else ""
        return render_html(fill(where, source))

    return Body(part(intro), tuple(_step(blocks, part, first_line, fill) for blocks in steps))


def _step(
    blocks: Sequence[_Block],
    part: Callable[[Sequence[_Block]], str],
    first_line: int,
    fill: Callable[[str, str], str],
) -> Step:
    head, rest = blocks[0], blocks[1:]
    where = f"line {first_line + head.first}"
    heading = head.tokens[1].content.strip()
    if not heading:
        raise LessonError(f"{where}: a step's heading must not be empty")
    lists = [place for place, block in enumerate(rest) if block.kind == "choices"]
    if len(lists) != 1:
        raise LessonError(
            f"{where}: step “{heading}” must have one list of choices, - [ ] a wrong one and - [x] the "
            f"right one; it has {len(lists)}"
        )
    runs = [block for block in rest if block.kind == "run"]
    if len(runs) > 1:
        raise LessonError(f"{where}: step “{heading}” may have one run, it has {len(runs)}")
    question = [block for block in rest[: lists[0]] if block.kind == "text"]
    explanation = [block for block in rest[lists[0] + 1 :] if block.kind == "text"]
    if not question or not explanation:
        lacking = "an explanation after" if question else "a question before"
        raise LessonError(f"{where}: step “{heading}” lacks {lacking} its choices")
    return Step(
        heading=heading,
        question_html=part(question),
        choices=_choices(rest[lists[0]], first_line, fill),
        run=_run(runs[0], first_line) if runs else None,
        explanation_html=part(explanation),
    )


def _choices(block: _Block, first_line: int, fill: Callable[[str, str], str]) -> tuple[Choice, ...]:
    where = f"line {first_line + block.first}"
    choices = []
    for token in block.tokens:
        if token.type.removesuffix("_open").removesuffix("_close") not in _PLAIN or (
            token.type == "list_item_open" and token.level > 1
        ):
            raise LessonError(f"{where}: a choice is one line of text, with nothing inside it")
        if token.type != "inline":
            continue
        found = _CHOICE.match(token.content)
        if not found:
            raise LessonError(
                f"{where}: every choice begins with [ ] or [x], got {token.content!r:.60}"
            )
        choices.append(Choice(inline_html(fill(where, found[2])), found[1] != " "))
    right = sum(choice.right for choice in choices)
    if len(choices) < 2 or right != 1:
        raise LessonError(
            f"{where}: a step has two choices or more, exactly one of them right [x]; got "
            f"{len(choices)}, {right} of them right"
        )
    return tuple(choices)


def _run(block: _Block, first_line: int) -> RunOrder:
    said: dict[str, str] = {}
    for place, line in enumerate(block.tokens[0].content.splitlines(), block.first + 1):
        if not line.strip():
            continue
        where = f"line {first_line + place}"
        key, colon, value = (part.strip() for part in line.partition(":"))
        if key not in ("set", "reset", "steps") or bool(colon) != (key != "reset"):
            raise LessonError(
                f"{where}: a run may say “set: control=value, …”, “reset” and “steps: number”, got "
                f"{line!r:.60}"
            )
        if key in said:
            raise LessonError(f"{where}: {key} is given twice")
        said[key] = value
        if key == "steps":
            whole_at(where, value, 1, MAX_STEPS)
        if key == "set":
            _set(where, value)
    return RunOrder(
        set=_set("", said["set"]) if "set" in said else {},
        reset="reset" in said,
        steps=int(said["steps"]) if "steps" in said else None,
    )


def _set(where: str, text: str) -> dict[str, str]:
    values: dict[str, str] = {}
    for pair in text.split(","):
        found = _SET.fullmatch(pair.strip())
        if not found or found[1] in values:
            raise LessonError(
                f"{where}: set takes “control=value, control=value”, each control once, got {text!r:.60}"
            )
        values[found[1]] = found[2].strip()
    return values
