"""Warm-up gives way to visitors."""

import threading

import pytest

from hebbscope import warmup


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    monkeypatch.setattr(warmup, "_visitors", set())
    monkeypatch.setattr(warmup, "_arrival", -warmup._REST)
    monkeypatch.setattr(warmup, "_STOPPED", threading.Event())


class Clock:
    now = 1000.0

    def monotonic(self):
        return self.now


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(warmup, "time", clock)
    return clock


class Looks:
    """Stands for the event that ends the server: it is looked at, and set after three looks."""

    def __init__(self):
        self.waited = 0

    def is_set(self):
        return self.waited >= 3

    def wait(self, _):
        self.waited += 1


def waits(monkeypatch, since=-1e9):
    """Whether a piece of work would be held back now."""
    monkeypatch.setattr(warmup, "_STOPPED", Looks())
    return not warmup._wait_for_room(since)


def test_an_empty_server_is_warmed_at_once(clock, monkeypatch):
    assert not waits(monkeypatch)


def test_a_page_that_was_just_opened_is_left_its_frames(clock, monkeypatch):
    warmup.arrived(clock)
    clock.now += warmup._REST - 1
    assert waits(monkeypatch)


def test_one_that_has_been_there_for_a_while_gives_up_some_now_and_then(clock, monkeypatch):
    warmup.arrived(clock)
    clock.now += warmup._REST + 1
    assert not waits(monkeypatch)
    assert waits(monkeypatch, since=clock.now - warmup._APART + 1)


def test_a_visitor_who_left_is_not_waited_for(clock, monkeypatch):
    warmup.arrived(clock)
    warmup.left(clock)
    assert not waits(monkeypatch)


def test_a_page_that_ended_before_it_loaded_counts_for_nobody(clock, monkeypatch):
    warmup.left(object())
    warmup.arrived(clock)
    assert waits(monkeypatch)


def test_a_server_that_ends_ends_the_wait(clock):
    warmup.arrived(clock)
    warmup._STOPPED.set()
    assert warmup._wait_for_room(0.0) is False


def test_a_piece_that_fails_is_logged_and_the_next_is_done(monkeypatch, caplog):
    done = []

    def fail():
        raise ZeroDivisionError

    monkeypatch.setattr(warmup, "work", lambda: iter([fail, lambda: done.append(1)]))
    warmup.start().join(20)
    assert done == [1]
    assert "warm-up failed" in caplog.text
