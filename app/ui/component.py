"""Base class of the components with a front end in JavaScript."""

from __future__ import annotations

import logging
from collections.abc import Callable
from inspect import isfunction
from pathlib import Path
from typing import Any, TypeVar

from ..host.loop import call_on_loop, on_loop
from ..host.private import PromptComponent

__all__ = ["Component", "handles", "script_of", "text_of"]

_LOG = logging.getLogger(__name__)
_Method = TypeVar("_Method", bound=Callable[..., Any])

_APP = Path(__file__).parents[1]

# Functions that all scripts may use.
_SHARED = "ui/shared.js"


def text_of(*files: str) -> str:
    """Return the contents of ``files``, joined by newlines.

    Args:
        files: paths, relative to the folder ``app``.
    """
    return "\n".join((_APP / file).read_text(encoding="utf-8") for file in files)


def script_of(*files: str) -> str:
    """Return scripts, with the shared one in front, as the text of one module.

    Given as text, they need no URL on the server, and ``--dev`` does not watch them.

    Args:
        files: paths, relative to the folder ``app``; the last script exports ``render``.
    """
    return text_of(_SHARED, *files)


def handles(kind: str, **fields: type) -> Callable[[_Method], _Method]:
    """Mark a method of a :class:`Component` as the handler of one kind of message.

    Args:
        kind: the message's kind.
        fields: its fields and their types, passed to the method by name. ``float`` accepts integers;
            ``object`` accepts anything.
    """

    def mark(method: _Method) -> _Method:
        method.handles = (kind, fields)  # type: ignore[attr-defined]
        return method

    return mark


class Component(PromptComponent):
    """A component with a front end in JavaScript, in ``_esm`` (see :func:`script_of`).

    It talks to the browser in two ways. State (what is shown) is a parameter. An event (a click, a
    piece of a file) is a message, in either direction a mapping with a ``kind`` and further fields:

    * from the browser: ``send(model, kind, fields)`` in JavaScript calls the method marked with
      :func:`handles` for that kind, on the event loop. A message of an unknown kind, or with other
      fields than declared, is ignored and logged;
    * to the browser: :meth:`send`, received by ``on_messages(model, {kind: handler})``.
    """

    __abstract = True

    # kind -> the name of a method, or a function; the types of its fields.
    _handlers: dict[str, tuple[str | Callable[..., Any], dict[str, type]]] = {}  # noqa: RUF012

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        marks = (
            (name, getattr(found, "handles", None))
            for name, found in vars(cls).items()
            if isfunction(found)
        )
        own = {mark[0]: (name, mark[1]) for name, mark in marks if mark is not None}
        cls._handlers = cls._handlers | own

    def stop(self) -> None:
        """Cancel pending work; called when the visitor has left."""

    def send(self, kind: str, **fields: Any) -> None:
        """Send a message to the browser."""
        self._send_msg({"kind": kind, **fields})

    def on_message(self, kind: str, call: Callable[..., Any], **fields: type) -> None:
        """Call ``call`` with the fields of each message of ``kind``, as :func:`handles` does.

        For a component whose owner, not a subclass, handles its messages.
        """
        self._handlers = {**self._handlers, kind: (call, fields)}

    def received(self, message: Any) -> None:
        """Handle a message from the browser; its content is untrusted."""
        match message:
            case {"kind": str(kind), **fields} if kind in self._handlers:
                call, types = self._handlers[kind]
                if fields.keys() == types.keys() and all(
                    _is(value, types[field]) for field, value in fields.items()
                ):
                    (getattr(self, call) if isinstance(call, str) else call)(**fields)
                    return
        _LOG.info("%s ignored a message that it does not understand", type(self).__name__)

    def _handle_msg(self, data: Any) -> None:
        call_on_loop(self.received, data)

    def hear(self, name: str, call: Callable[[Any], None]) -> None:
        """Call ``call`` with the event, on the event loop, whenever the parameter ``name`` changes."""
        self.param.watch(on_loop(call), name)


def _is(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    # In Python, True is an integer.
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))
