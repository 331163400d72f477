"""One wheel for all machines; the browser of the other browser tests."""

import re

import pytest

from ..browser.server import launch_options
from .machine import TOLD, Machine, build_wheel
from .pythons import ROOT

_TABLE = re.compile(r"(?<=<!-- tested -->\n).*?(?=<!-- /tested -->)", re.DOTALL)
_MACHINES = pytest.StashKey[list]()


def pytest_addoption(parser):
    parser.addoption(
        "--write-readme",
        action="store_true",
        help="write the versions used into the table in app/README.md",
    )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def wheel(tmp_path_factory):
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session", params=["newest", "lowest"])
def machine(request, wheel, tmp_path_factory):
    made = Machine.make(request.param, wheel, tmp_path_factory.mktemp("machine"))
    request.config.stash.setdefault(_MACHINES, []).append(made)
    return made


def table(machines):
    """The table of what was tested, in app/README.md."""
    names = ("Python", *TOLD)
    rows = [f"| | {' | '.join(names)} |", f"|{'---|' * (len(names) + 1)}"]
    for one in sorted(machines, key=lambda one: one.kind):
        rows.append(f"| {one.kind} | {' | '.join(one.versions[name] for name in names)} |")
    return "\n".join(rows) + "\n"


def pytest_terminal_summary(terminalreporter, config):
    machines = config.stash.get(_MACHINES, [])
    if not machines:
        return
    told = table(machines)
    terminalreporter.section("what was tested")
    terminalreporter.write(told)
    if (
        config.getoption("write_readme")
        and len(machines) == 2
        and terminalreporter._session.testsfailed == 0
    ):
        readme = ROOT / "app" / "README.md"
        text = readme.read_text(encoding="utf-8")
        readme.write_text(_TABLE.sub(lambda _: told, text), encoding="utf-8")
