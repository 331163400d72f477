"""Lessons are read, and what is wrong with one is said."""

import os

import pytest

from hebbscope.lessons import LessonError, lesson_folders, load_lessons, read_lesson
from hebbscope.lessons.__main__ import main
from hebbscope.lessons.reader.library import FOLDERS
from hebbscope.lessons.reader.reading import KNOBS, MAX_BYTES
from hebbscope.panels.registry import BenchControls

GOOD = """\
---
title: A lesson
minutes: 3
knobs: [rule, twin]
settings:
  eta: 0.10
watch: The **band** in W.
claim: "It ends at {end}, and does so: {word}."
numbers:
  end: {measure: mean_abs, value: 0.50, within: 0.01, after: 1}
  low: {measure: lowest, value: -12 %, within: 1 %, steps: 5, set: {sign_value: 1}, of: a, cell: [3, 4]}
  word: {measure: regime, value: growing, steps: 30}
---
An introduction with {end}.

- a list
- of two

## First
What will it be?

```python
## no heading
```

- [ ] nothing
- [x] *half*, {end}

```run
set: sign_value=-1, prior=l1
reset
steps: 20
```

It is {low}.

## Second

And now?

- [x] this
- [ ] that

Because.
"""


@pytest.fixture
def read(tmp_path):
    def read(text, name="a-lesson.md"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_lesson(path)

    return read


def test_a_lesson_is_read(read):
    lesson = read(GOOD, "07-a-lesson.md")
    assert (lesson.name, lesson.title, lesson.minutes) == ("a-lesson", "A lesson", 3)
    assert lesson.knobs == ("rule", "twin")
    assert lesson.settings == {"eta": "0.10"}
    assert lesson.watch_html == "The <strong>band</strong> in W."
    assert lesson.claim_html == "It ends at 0.50, and does so: growing."
    assert "with 0.50" in lesson.intro_html
    assert "<li>of two</li>" in lesson.intro_html
    first, second = lesson.steps
    assert first.heading == "First"
    assert "## no heading" in first.question_html
    assert [(c.html, c.right) for c in first.choices] == [
        ("nothing", False),
        ("<em>half</em>, 0.50", True),
    ]
    assert first.explanation_html == "<p>It is −12 %.</p>"
    assert first.run is not None
    assert first.run.set == {"sign_value": "-1", "prior": "l1"}
    assert (first.run.reset, first.run.steps) == (True, 20)
    assert second.run is None
    assert second.question_html == "<p>And now?</p>"


def test_numbers_are_read(read):
    end, low, word = read(GOOD).numbers.values()
    assert (end.value, end.text, end.within, end.after, end.steps) == (0.5, "0.50", 0.01, 1, 0)
    assert (low.value, low.within) == (-0.12, 0.01)
    assert (low.after, low.steps, low.set) == (None, 5, {"sign_value": "1"})
    assert (low.twin, low.cell) == (False, (3, 4))
    assert (word.value, word.text) == ("growing", "growing")


def test_line_ends_and_a_byte_order_mark_do_not_matter(read):
    plain = read(GOOD)
    assert read(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()) == plain


def test_a_run_may_play_on(read):
    text = GOOD.replace("steps: 20\n", "").replace("after: 1", "steps: 9")
    run = read(text).steps[0].run
    assert run is not None
    assert run.steps is None


def test_html_of_a_lesson_is_escaped_and_nothing_is_fetched(read):
    text = GOOD.replace("*half*", "<script>x</script> ![p](https://a.b/c.png)")
    text = text.replace("Because.", "<img src=x onerror=y> [l](javascript:z) [m](https://a.b)")
    lesson = read(text.replace("The **band**", "<b onclick=x>"))
    html = "".join(
        [lesson.watch_html, lesson.steps[0].choices[1].html, lesson.steps[1].explanation_html]
    )
    assert "<script" not in html
    assert "<img" not in html
    assert "<b " not in html
    assert 'href="javascript' not in html
    assert '<a href="https://a.b" target="_blank" rel="noopener noreferrer">' in html


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("---\ntitle", "title", r"a-lesson\.md: line 1: a lesson begins with"),
        ("---\nAn intro", "An intro", "must end with a line"),
        ("title: A lesson", "title: A: lesson", "line 2"),
        ("title: A lesson", "title: ''", "title: must be text.*got ''"),
        ("title: A lesson\n", "", "front matter: lacks title"),
        ("title: A lesson", "title: [A]", "title: must be text"),
        ("title: A lesson", "titel: x\ntitle: y", "front matter: may hold title.*got titel"),
        ("minutes: 3", "minutes: 3\nminutes: 4", "line 4: minutes is given twice"),
        (
            "minutes: 3",
            "minutes: three",
            "minutes: must be a whole number from 1 to 120, got 'three'",
        ),
        ("minutes: 3", "minutes: 0", "minutes: must be a whole number"),
        ("minutes: 3", "{a: b}: 3", "a key must be text"),
        ("[rule, twin]", "[rule, music]", "knobs: must be a list of rule, bound"),
        ("[rule, twin]", "rule", "knobs: must be a list"),
        ("eta: 0.10", "etta: 0.10", "settings: There is no control called “etta”"),
        ("eta: 0.10", "eta: 1e9", "settings: eta = 1e9: it must lie between"),
        ("eta: 0.10", "eta: [1]", "settings: must be a mapping of controls"),
        ("settings:\n  eta: 0.10", "settings: none", "settings: must be a mapping"),
        (
            "{end}, and",
            "{ende}, and",
            r"claim: \{ende\} is not one of the numbers \(end, low, word\)",
        ),
        ("It ends at {end}, and does so: {word}.", "It ends.", "claim: must state a number"),
        ('"It ends at {end}, and does so: {word}."', "{end}", "claim: must be text .in quotes"),
        ("with {end}", "with {x}", r"line 14: \{x\} is not one"),
        ("  end:", "  End:", "numbers: a name is made of a to z.*'End'"),
        ("  end: {", "  end: [", "line 10"),
        ("mean_abs", "mean_size", "numbers.end.measure: must be one of mean_abs, .*'mean_size'"),
        ("value: 0.50", "value: half", "numbers.end.value: must be a number"),
        ("value: 0.50", "value: nan", "numbers.end.value: must be a number"),
        ("value: 0.50, within: 0.01", "value: 0.50", "numbers.end.within: must be a number"),
        ("0.50, within: 0.01", "0.50, within: 0.03", "end.within: must lie between 0 and 0.025"),
        ("0.50, within: 0.01", "0.50, within: -0.01", "end.within: must lie between"),
        ("after: 1", "after: 3", "numbers.end.after: there are 2 steps, got 3"),
        ("after: 1", "after: 0", "numbers.end.after: must be a whole number"),
        ("after: 1", "after: 1, steps: 4", "numbers.end: must be measured either"),
        ("after: 1", "after: 1, set: {eta: 1}", "numbers.end: must be measured either"),
        (", after: 1", "", "numbers.end: must be measured either"),
        ("steps: 20\n", "", "every run up to step 1 must say how many"),
        ("steps: 5", "steps: 1_0", "numbers.low.steps: must be a whole number"),
        ("{sign_value: 1}", "{sign: 1}", "numbers.low.set: There is no control called “sign”"),
        ("of: a", "of: c", "numbers.low.of: must be a or b, got 'c'"),
        ("[3, 4]", "[3]", r"numbers.low.cell: must be a pair"),
        ("value: growing", "value: jumping", "numbers.word.value: must be one of starting"),
        ("growing, steps", "growing, within: 1, steps", "numbers.word.within: means nothing"),
        ("## First", "First", "line 26: choices and runs belong to a step"),
        ("## First", "##", "line 19: a step's heading"),
        ("What will it be?\n\n```python\n## no heading\n```\n", "", "“First” lacks a question"),
        ("It is {low}.", "", "“First” lacks an explanation"),
        ("- [ ] nothing\n", "", "line 26.*two choices or more"),
        ("- [ ] nothing", "- [x] nothing", "exactly one of them right .x.; got 2, 2 of them"),
        ("- [x] this", "- [ ] this", "got 2, 0 of them"),
        ("- [ ] that", "- that", "every choice begins with"),
        ("- [ ] that", "- [ ] that\n  - [ ] more", "a choice is one line"),
        ("- [ ] that", "- [ ] that\n\n  ```\n  x\n  ```", "a choice is one line"),
        ("- [x] this\n- [ ] that", "", "“Second” must have one list of choices.*it has 0"),
        ("Because.", "Because.\n\n- [ ] a\n- [x] b", "“Second” must have one list.*it has 2"),
        ("It is {low}.", "It is.\n\n```run\n```", "may have one run, it has 2"),
        ("reset\n", "restart\n", "line 31: a run may say.*'restart'"),
        ("reset\n", "reset\nreset\n", "line 32: reset is given twice"),
        ("reset\n", "reset: yes\n", "line 31: a run may say"),
        ("steps: 20", "steps: 0", "line 32: must be a whole number from 1 to 20000, got '0'"),
        ("prior=l1", "prior", "line 30: set takes"),
        ("prior=l1", "sign_value=1", "line 30: set takes"),
        ("prior=l1", "prior=l7", "step “First”, set: prior = l7: choose one of"),
        ("## First", "# First", "choices and runs belong to a step"),
    ],
)
def test_what_is_wrong_is_said(read, old, new, says):
    assert old in GOOD
    with pytest.raises(LessonError, match=says) as refused:
        read(GOOD.replace(old, new, 1))
    assert str(refused.value).startswith("a-lesson.md: ")


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "line 1"),
        (b"---\n---\n", "front matter: must be lines of key"),
        (b"---\n- a\n---\n", "front matter: must be lines of key"),
        (b"---\ntitle: \xff\n---\n", "not UTF-8"),
        (b"---\ntitle: \x00\n---\n", "not YAML"),
        (b"---\na: " + b"[" * 3_000 + b"\n---\n", "front matter|line"),
        (b"---\na: &a [*a]\n---\n", "line 2.*recursive"),
        (b"---\na: !!python/object/apply:os.system [exit]\n---\n", "may hold|line 2"),
        (b"x" * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_hostile_files_are_refused(read, raw, says):
    with pytest.raises(LessonError, match=says):
        read(raw)


@pytest.mark.parametrize("name", ["A lesson.md", "lesson!.md", "12.MD.md", "-.md"])
def test_a_name_has_to_fit_into_an_address(read, name):
    with pytest.raises(LessonError, match="file name consists of a to z"):
        read(GOOD, name)


def test_a_refused_lesson_does_not_take_the_others_down(tmp_path):
    (tmp_path / "02-good.md").write_text(GOOD)
    (tmp_path / "01-bad.md").write_text("nothing")
    (tmp_path / "03-good.md").write_text(GOOD)
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "notes.txt").write_text("nothing")
    lessons, complaints = load_lessons([tmp_path, tmp_path / "none"])
    assert [lesson.name for lesson in lessons] == ["good"]
    bad, twice, none = complaints
    assert bad.startswith("01-bad.md: line 1")
    assert "called good already" in twice
    assert "cannot be read" in none


def test_a_teacher_names_folders_in_the_environment(tmp_path, monkeypatch):
    (tmp_path / "zz-mine.md").write_text(GOOD)
    monkeypatch.setenv(FOLDERS, os.pathsep.join(["", str(tmp_path)]))
    assert lesson_folders()[1:] == (tmp_path,)
    lessons, complaints = load_lessons()
    assert lessons[-1].name == "zz-mine"
    assert not complaints


def test_what_is_written_about_lessons_is_none(monkeypatch):
    # It lies beside their folder, and whatever lies in that must be a lesson.
    monkeypatch.delenv(FOLDERS, raising=False)
    (built_in,) = lesson_folders()
    assert (built_in.parent / "README.md").is_file()
    lessons, complaints = load_lessons()
    assert len(lessons) == len(list(built_in.iterdir()))
    assert not complaints
    assert all("readme" not in lesson.name for lesson in lessons)


def test_the_built_in_lessons():
    lessons, complaints = load_lessons()
    assert not complaints
    assert len(lessons) >= 12
    for lesson in lessons:
        assert len(lesson.steps) >= 2, lesson.name
        assert all(step.run is not None for step in lesson.steps), lesson.name
        assert set(lesson.knobs) <= set(KNOBS)
        for step in lesson.steps:
            words = step.explanation_html.split()
            assert len(words) <= 90, f"{lesson.name}, {step.heading}: {len(words)} words"


def test_what_a_lesson_sets_reaches_the_run():
    for lesson in load_lessons()[0]:
        controls = BenchControls()
        assert controls.load(lesson.settings) == []
        controls.settings()
        told = controls.values(always=lesson.settings)
        assert told.keys() == lesson.settings.keys(), lesson.name


def test_the_command_says_what_does_not_agree(tmp_path, capsys):
    wrong = GOOD.replace("value: 0.50", "value: 0.90").replace("growing", "converging")
    (tmp_path / "mine.md").write_text(wrong)
    (tmp_path / "bad.md").write_text("nothing")
    assert main([str(tmp_path)]) == 1
    printed = capsys.readouterr().out
    assert "refused  bad.md: line 1" in printed
    assert "WRONG  {end}  mean_abs: states 0.90, measured 0.3" in printed
    assert "ok     {word}" in printed


def test_the_command_says_what_cannot_be_measured(tmp_path, capsys):
    (tmp_path / "mine.md").write_text(GOOD.replace("mean_abs", "ratio"))
    assert main([str(tmp_path)]) == 1
    assert "WRONG  end: a ratio needs a twin" in capsys.readouterr().out
