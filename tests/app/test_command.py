"""The command ``hebbscope``: what it hands to the server, and what it refuses."""

import os
import socket
from pathlib import Path

import pytest

from hebbscope import __main__ as command
from hebbscope.lessons import load_lessons


@pytest.fixture
def serve(monkeypatch):
    """Runs the command with a server that only says how it was called."""

    def run(*arguments):
        given = []
        monkeypatch.setattr(command, "_serve", lambda argv: given.extend(argv) or 0)
        monkeypatch.setattr(command.threading, "Thread", Announced)
        assert command.main(["--no-browser", *arguments]) == 0
        return given

    return run


class Announced:
    """Stands for the thread that waits for the server; keeps what it would say."""

    def __init__(self, *, target, args, daemon):
        assert target is command._announce
        assert daemon
        type(self).address, type(self).port, type(self).url, type(self).browser = args

    def start(self):
        assert self.browser is False


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def after(argv, flag):
    return argv[argv.index(flag) + 1]


def test_it_serves_its_own_folder_on_this_machine_alone(serve):
    argv = serve()
    assert os.path.samefile(argv[0], os.path.dirname(command.__file__))
    assert after(argv, "--address") == "localhost"
    assert 5006 <= int(after(argv, "--port")) < 5026


@pytest.mark.parametrize("installed", ["app", "hebbscope"])
def test_the_page_is_at_app_whatever_its_folder_is_called(monkeypatch, tmp_path, installed):
    monkeypatch.setattr(command, "_APP", tmp_path / installed)
    served = {}

    def invoke(serve, args):
        found = {"/" + Path(file).name: file for file in args.files}
        served.update(serve.customize_applications(args, found), num_procs=args.num_procs)

    monkeypatch.setattr("panel.command.serve.Serve.invoke", invoke)
    page, other = str(tmp_path / installed), str(tmp_path / "other")
    assert command._serve([page, other, "--num-procs", "2"]) == 0
    assert served == {"/app": page, "/other": other, "num_procs": 2}


def test_an_option_that_nobody_knows_is_refused(capsys):
    with pytest.raises(SystemExit) as refused:
        command._serve([".", "--bogus"])
    assert refused.value.code == 2
    assert "unrecognized arguments: --bogus" in capsys.readouterr().err


def test_anything_else_is_passed_on(serve):
    argv = serve("--num-procs", "2", "--basic-auth=x")
    assert argv[argv.index("--num-procs") :][:3] == ["--num-procs", "2", "--basic-auth=x"]


def test_a_port_that_is_taken_is_refused_or_passed_over(serve, taken, monkeypatch, capsys):
    with pytest.raises(SystemExit) as refused:
        serve("--address", "127.0.0.1", "--port", str(taken))
    assert refused.value.code == 2
    assert f"--port {taken} at 127.0.0.1: another program listens there" in capsys.readouterr().err
    monkeypatch.setattr(command, "_PORT", taken)
    assert int(after(serve("--address", "127.0.0.1"), "--port")) > taken


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--port", "70000"], "--port 70000: it must lie between 1 and 65535"),
        (["--port", "0"], "--port 0: it must lie between 1 and 65535"),
        (["--address", "no such place"], "--address no such place: there is no such address"),
        (["--lesson", "nonsense"], "--lesson nonsense: there are sign,"),
        (["--address", "192.0.2.77", "--port", "5777"], "it is not an address of this machine"),
        (["--address", "::1"], "--address ::1: only names and IPv4 addresses are served"),
        (["--addres", "0.0.0.0"], "--addres: write --address"),
        (["--addr=0.0.0.0"], "--addr: write --address"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(serve, capsys, arguments, sentence):
    with pytest.raises(SystemExit) as refused:
        serve(*arguments)
    assert refused.value.code == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("lesson", [lesson.name for lesson in load_lessons()[0]])
def test_every_lesson_can_be_opened(serve, lesson):
    serve("--lesson", lesson)
    assert Announced.url.endswith(f"/app?lesson={lesson}")


def test_pages_of_this_machine_may_connect_and_no_others(serve):
    port = free_port()
    argv = serve("--port", str(port))
    origins = {a.split("=")[1] for a in argv if a.startswith("--allow-websocket-origin=")}
    assert origins == {f"localhost:{port}", f"127.0.0.1:{port}"}


def test_for_a_class_its_own_names_are_allowed_too(serve):
    port = free_port()
    argv = serve("--port", str(port), "--address", "0.0.0.0")
    origins = {a.split("=")[1] for a in argv if a.startswith("--allow-websocket-origin=")}
    assert f"{socket.gethostname().lower()}:{port}" in origins
    assert not any("*" in origin for origin in origins)
    assert Announced.url.endswith(f":{port}/app")


def test_another_name_is_allowed_beside_its_own(serve):
    argv = serve("--allow-websocket-origin", "lab.example:80", "--port", str(free_port()))
    assert after(argv, "--allow-websocket-origin") == "lab.example:80"
    assert sum(a.startswith("--allow-websocket-origin=") for a in argv) == 2


def test_a_browser_is_opened_once_the_server_answers(taken, monkeypatch):
    opened = []
    monkeypatch.setattr(command.webbrowser, "open", lambda url: opened.append(url) or True)
    command._announce("127.0.0.1", taken, "http://there", True)
    assert opened == ["http://there"]


def test_a_browser_that_cannot_be_opened_is_told(taken, monkeypatch, capsys):
    monkeypatch.setattr(command.webbrowser, "open", lambda url: False)
    command._announce("127.0.0.1", taken, "http://there", True)
    said = capsys.readouterr()
    assert "Hebbscope is at http://there" in said.out
    assert "No browser could be opened" in said.err


def test_without_a_screen_no_browser_is_opened(monkeypatch):
    monkeypatch.setattr(command.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not command._has_browser()
    monkeypatch.setenv("DISPLAY", ":0")
    assert command._has_browser()
