"""The examples in Markdown files do what they say."""

import ast
import io
import re
import tokenize

import pytest

from hebb_core.sweep import sweep
from hebb_core.sweep.config import read_config

from .documents import ROOT, blocks, documents, text

PYTHON = [(name, *block) for name in documents() for block in blocks(name, "python")]


def stated(code):
    """What an example says of its own lines: line -> the value in the comment at its end."""
    found = {}
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.COMMENT:
            try:
                found[token.start[0]] = ast.literal_eval(token.string.lstrip("# "))
            except (SyntaxError, ValueError):
                continue  # words
    return found


def run(code, file):
    """Run an example from its first line on, and return how many of its values were compared."""
    said, names, compared = stated(code), {"__name__": "example"}, 0
    for statement in ast.parse(code).body:
        if isinstance(statement, ast.Expr) and statement.end_lineno in said:
            value = eval(compile(ast.Expression(statement.value), file, "eval"), names)
            assert value == said[statement.end_lineno], ast.unparse(statement)
            compared += 1
        else:
            exec(compile(ast.Module([statement], []), file, "exec"), names)
    assert compared == len(said)
    return compared


@pytest.mark.parametrize(
    ("name", "line", "code"), PYTHON, ids=[f"{name}:{line}" for name, line, _ in PYTHON]
)
def test_an_example_in_python_runs(name, line, code, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("\n" * line + code, name)


def test_examples_are_found():
    found = {name for name, *_ in PYTHON}
    assert {"README.md", "app/README.md", "hebb_core/README.md"} <= found


def test_a_value_that_is_stated_wrongly_is_found():
    assert run("a = 1\na + 1  # 2\n# 3 words\na  # a word\n", "right") == 1
    with pytest.raises(AssertionError, match=re.escape("a + 1")):
        run("a = 1\na + 1  # 3\n", "wrong")
    with pytest.raises(AssertionError):
        run("a = 1  # 1, which nobody compares\nb = 2  # 2\n", "idle")


def test_the_settings_of_a_sweep_are_read():
    ((_, code),) = blocks("hebb_core/sweep/README.md", "toml")
    plan = read_config(code)
    assert sweep(plan)["mean_abs"].shape == (8, 3, 3)


def test_the_test_command_is_what_runs_before_anything_lands():
    # What is served as the test command is a line of the README.
    commands = [line for _, code in blocks("README.md", "bash") for line in code.splitlines()]
    (command,) = {line.split("#")[0].strip() for line in commands if "tests/" in line}
    assert command == "bash tests/run.sh"
    assert f"exec {command}" in text(".ci/run").splitlines()
    assert (ROOT / command.split()[1]).is_file()
