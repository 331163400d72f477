"""What is said of a file beside it."""

import io
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from app.dialogs import exports
from app.dialogs.exports import EXPORTS, deliver
from app.dialogs.opening import Present, open_file
from hebb_core.engine import Engine
from hebb_core.run_file import SavedRun, write_run
from hebb_core.steps import Network
from hebb_core.sweep import Setup

RUN = next(export for export in EXPORTS if export.name == "run")


@pytest.fixture(scope="module")
def content():
    setup = Setup(network=Network(8, 5))
    saved = SavedRun(setup, Engine(setup.network).snapshot(), arrays={"more": np.zeros(2**22)})
    file = io.BytesIO()
    write_run(file, saved)
    return file.getvalue()


def told_of(content):
    export = replace(RUN, make=lambda moment, progress: content)
    return deliver(export, SimpleNamespace(step=3), lambda share: None).told


def test_a_run_that_the_page_opens_again_is_not_warned_of(content):
    assert "this page opens" not in told_of(content)
    assert open_file(content, Present({}, ())).saved.setup.network == Network(8, 5)


def test_a_run_that_is_too_large_once_it_is_expanded(content, monkeypatch):
    assert len(content) < 2**17
    for module in ("exports", "opening"):
        monkeypatch.setattr(f"app.dialogs.{module}.MOST_EXPANDED", 2**24)
    assert "Expanded it takes 32 MiB, more than the 16 MiB that this page opens" in told_of(content)
    with pytest.raises(ValueError, match="too much"):
        open_file(content, Present({}, ()))


def test_a_run_that_is_too_large_a_file(content, monkeypatch):
    monkeypatch.setattr(exports, "MOST_BYTES", 2**10)
    assert "more than the 1 KiB that this page opens" in told_of(content)
