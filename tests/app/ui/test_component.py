"""Messages between a component's script and its Python."""

import pytest

from hebbscope.ui.component import Component, handles


class Bell(Component):
    _esm = "export function render() {}"

    def __init__(self):
        super().__init__()
        self.heard = []

    @handles("ring", times=int, loud=bool, pitch=float)
    def _ring(self, times, loud, pitch):
        self.heard.append((times, loud, pitch))

    @handles("stop")
    def _stopped(self):
        self.heard.append("stop")


def test_a_message_calls_the_handler_of_its_kind():
    bell = Bell()
    bell.received({"kind": "ring", "times": 2, "loud": True, "pitch": 440})
    bell.received({"kind": "stop"})
    assert bell.heard == [(2, True, 440), "stop"]


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        "ring",
        {},
        {"kind": "burn"},
        {"kind": 5},
        {"kind": ["ring"]},
        {"kind": "_ring", "times": 2, "loud": True, "pitch": 440.0},
        {"kind": "ring", "times": 2, "loud": True},
        {"kind": "ring", "times": 2, "loud": True, "pitch": 440.0, "more": 1},
        {"kind": "ring", "times": True, "loud": True, "pitch": 440.0},
        {"kind": "ring", "times": 2.0, "loud": True, "pitch": 440.0},
        {"kind": "ring", "times": 2, "loud": 1, "pitch": 440.0},
        {"kind": "ring", "times": 2, "loud": True, "pitch": "440"},
        {"kind": "stop", "now": True},
    ],
)
def test_any_other_message_is_ignored_and_logged(message, caplog):
    bell = Bell()
    with caplog.at_level("INFO"):
        bell.received(message)
    assert bell.heard == []
    assert "Bell ignored a message" in caplog.text


def test_messages_to_the_browser_have_the_same_form():
    bell = Bell()
    sent = []
    bell._send_msg = sent.append
    bell.send("rung", times=2)
    assert sent == [{"kind": "rung", "times": 2}]
