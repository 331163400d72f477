"""Files on their way from a browser to the server, in pieces that are asked for one by one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["PIECE", "Upload", "UploadRefused", "Uploads"]

#: Bytes that travel at a time: between two pieces there is room for frames.
PIECE = 2**19

# Letters of a file's name that are kept: its end, which says what it is.
_LONGEST_NAME = 200
_SPOILT = "The file did not arrive as it was sent. Try again."


class UploadRefused(ValueError):
    """A file is not taken; the message says why, in a sentence for the visitor."""


@dataclass
class Upload:
    """A file that arrives.

    Attributes:
        number: which of the files of its browser.
        name: what it is called.
        size: bytes that it has.
        content: those that are here.
    """

    number: int
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


class Uploads:
    """Takes files from one browser, one at a time; of another one what was there is let go.

    Args:
        largest: most bytes of a file.
        send: sends a message to the browser.
    """

    def __init__(self, largest: int, send: Callable[[dict[str, Any]], None]) -> None:
        self._largest = largest
        self._send = send
        self._upload: Upload | None = None

    def stop(self) -> None:
        """Let go of what is on its way; what comes of it later belongs to nothing."""
        self._upload = None

    def begin(self, number: int, name: str, size: int) -> None:
        """Make room for a file, and ask for its first piece.

        Args:
            number: which of the files of this browser; its pieces say so too.
            name: what it is called.
            size: bytes that it has.

        Raises:
            UploadRefused: it is empty or too large.
        """
        self._upload = None
        if size <= 0:
            raise UploadRefused("That file is empty.")
        if size > self._largest:
            raise UploadRefused(
                f"That file has {math.ceil(size / 2**20)} MiB; at most {self._largest / 2**20:g} MiB "
                "can be taken."
            )
        self._upload = Upload(number, name[-_LONGEST_NAME:], size)
        self._ask()

    def take(self, number: int, at: int, piece: bytes) -> Upload | None:
        """Add a piece, and ask for the next one.

        Args:
            number: the file that it is of; those of a file that was let go are passed over.
            at: the byte at which it begins.
            piece: at most :data:`PIECE` bytes.

        Returns:
            The file, once it is whole.

        Raises:
            UploadRefused: it is not the piece that was asked for; the file is let go.
        """
        upload = self._upload
        if upload is None or number != upload.number:
            return None
        missing = upload.size - len(upload.content)
        if at != len(upload.content) or not 0 < len(piece) <= min(PIECE, missing):
            self._upload = None
            raise UploadRefused(_SPOILT)
        upload.content += piece
        if len(piece) < missing:
            self._ask()
            return None
        self._upload = None
        return upload

    def _ask(self) -> None:
        if self._upload is not None:
            at = len(self._upload.content)
            self._send({"kind": "more", "number": self._upload.number, "at": at, "most": PIECE})
