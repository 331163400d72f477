"""Every link and picture in a Markdown file leads to something that is there."""

from pathlib import PurePosixPath
from posixpath import normpath
from urllib.parse import unquote, urlsplit

import pytest

from . import documents
from .documents import anchors, files, links


def trouble(name, target, known=None):
    """What is wrong with a link in a document; nothing if it is sound."""
    known = files() if known is None else known
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        here = parts.scheme == "http" and parts.hostname == "localhost"
        if here or (parts.scheme == "https" and parts.hostname and "." in parts.hostname):
            return ""
        return f"{target} is no https address"
    if parts.query or parts.path.startswith("/"):
        return f"{target} is no path from the file that it stands in"
    aim = name
    if parts.path:
        aim = normpath(PurePosixPath(name).parent / unquote(parts.path))
    # A folder is there where a file of the project lies in it.
    if aim not in known and not any(file.startswith(aim + "/") for file in known):
        return f"{target}: there is no {aim}"
    if parts.fragment and not (aim.endswith(".md") and unquote(parts.fragment) in anchors(aim)):
        return f"{target}: {aim} has no heading called so"
    return ""


@pytest.mark.parametrize("name", documents.documents())
def test_links_lead_somewhere(name):
    assert list(filter(None, (trouble(name, target) for target in links(name)))) == []


def test_the_readmes_of_folders_are_among_them_and_reached_from_the_first():
    reached, ahead = set(), ["README.md"]
    while ahead:
        name = ahead.pop()
        if name in reached:
            continue
        reached.add(name)
        for target in links(name):
            path = urlsplit(target).path
            if not urlsplit(target).scheme and path.endswith(".md"):
                ahead.append(normpath(PurePosixPath(name).parent / path))
    readmes = {name for name in documents.documents() if name.endswith("README.md")}
    assert {"README.md", "app/README.md", "hebb_core/README.md"} <= readmes
    assert readmes <= reached


def test_every_picture_is_shown_somewhere():
    shown = {
        normpath(PurePosixPath(name).parent / target)
        for name in documents.documents()
        for target in links(name)
    }
    assert {name for name in files() if name.startswith("assets/")} <= shown


@pytest.mark.parametrize(
    "target",
    [
        "nothing.md",
        "assets/Hebbscope.png",
        "#no-such-heading",
        "app/README.md#no-such-heading",
        "app/main.py#L3",
        "../README.md",
        "/README.md",
        "http://example.org/",
        "https:///x",
        "ftp://example.org/",
        "mailto:a@example.org",
    ],
)
def test_a_link_that_leads_nowhere_is_found(target):
    assert trouble("README.md", target)


@pytest.mark.parametrize(
    "target",
    [
        "app",
        "app/",
        "app/README.md",
        "./LICENSE",
        "#start",
        "app/README.md#when-it-does-not-start",
        "https://example.org/x?y#z",
        "http://localhost:5006/app",
    ],
)
def test_one_that_leads_somewhere_is_not(target):
    assert trouble("README.md", target) == ""


def test_links_are_seen_in_all_their_forms(tmp_path, monkeypatch):
    (tmp_path / "a.md").write_text(
        "# One `two`: three, four-five\n\n[a](b.md) ![c](d.png) <https://e.org> [f]\n\n"
        '| [g](h.md) |\n|---|\n| ![i](j.png) |\n\n<img src="k.png">\n\n'
        "Within a line <a href='l.md'>m</a>.\n\n```\n[n](o.md)\n```\n\n# Twice\n\n## Twice\n\n[f]: p.md\n"
    )
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    assert links("a.md") == (
        ["b.md", "d.png", "https://e.org", "p.md", "h.md", "j.png", "k.png", "l.md"]
    )
    assert anchors("a.md") == {"one-two-three-four-five", "twice", "twice-1"}
