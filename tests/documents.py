"""The Markdown files of the project, and what stands in them."""

import re
import subprocess
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).resolve().parents[1]


@cache
def files():
    """Paths of all files of the project, relative to its root: tracked, or new and not ignored."""
    command = ("git", "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(name for name in listed.split("\0") if name and (ROOT / name).is_file())


def documents():
    """Paths of all Markdown files, relative to the root."""
    return sorted(name for name in files() if name.endswith(".md"))


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


def tokens(name):
    return MarkdownIt("commonmark").enable("table").parse(text(name))


def blocks(name, language):
    """The code blocks of a language in a document: pairs of the line where one begins, and its text."""
    return [
        (token.map[0] + 1, token.content)
        for token in tokens(name)
        if token.type == "fence" and token.info.split()[:1] == [language]
    ]


def links(name):
    """Where a document's links and pictures point to, those that it writes in HTML included."""
    found = []
    for token in tokens(name):
        for part in [token, *(token.children or [])]:
            if part.type in ("html_block", "html_inline"):
                found += re.findall(r"""\b(?:href|src)\s*=\s*["']([^"']*)""", part.content)
            target = part.attrs.get("href", part.attrs.get("src"))
            if target is not None:
                found.append(target)
    return found


def anchors(name):
    """What a link may name behind a # in a document: its headings, as GitHub names them."""
    found, counts = set(), {}
    parsed = tokens(name)
    for opening, inline in pairwise(parsed):
        if opening.type != "heading_open":
            continue
        words = "".join(p.content for p in inline.children if p.type in ("text", "code_inline"))
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        seen = counts.get(slug, 0)
        counts[slug] = seen + 1
        found.add(f"{slug}-{seen}" if seen else slug)
    return found
