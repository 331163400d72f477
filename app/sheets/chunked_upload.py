"""Receives files from a browser in pieces, which the server requests one by one."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

__all__ = ["PIECE", "Upload", "UploadRefused", "Uploads"]

#: Maximum size of a piece in bytes; frames are sent between two pieces.
PIECE = 2**19

# Characters kept of a file's name: the last ones, which include the extension.
_LONGEST_NAME = 200
_SPOILT = "The file did not arrive intact. Try again."


class UploadRefused(ValueError):
    """A file was refused; the message says why, worded for visitors."""


@dataclass
class Upload:
    """A file that is being received, or is complete.

    Attributes:
        number: number of the file, given by its browser.
        name: name of the file.
        size: size in bytes.
        content: the bytes received so far.
    """

    number: int
    name: str
    size: int
    content: bytearray = field(default_factory=bytearray)


class Uploads:
    """Receives files from one browser, one at a time; an upload that was replaced is discarded.

    Args:
        largest: maximum size of a file in bytes.
        send: sends a message to the browser.
    """

    def __init__(self, largest: int, send: Callable[..., None]) -> None:
        self._largest = largest
        self._send = send
        self._upload: Upload | None = None

    def stop(self) -> None:
        """Discard the current upload; pieces of it that arrive later are ignored."""
        self._upload = None

    def begin(self, number: int, name: str, size: int) -> None:
        """Begin an upload, and request its first piece.

        Args:
            number: number of the file; the browser sends the same number with each piece.
            name: name of the file.
            size: size in bytes.

        Raises:
            UploadRefused: the file is empty or too large.
        """
        self._upload = None
        if size <= 0:
            raise UploadRefused("That file is empty.")
        if size > self._largest:
            raise UploadRefused(
                f"That file has {math.ceil(size / 2**20)} MiB; at most {self._largest / 2**20:g} MiB "
                "can be uploaded."
            )
        self._upload = Upload(number, name[-_LONGEST_NAME:], size)
        self._ask()

    def take(self, number: int, at: int, piece: bytes) -> Upload | None:
        """Append a piece, and request the next one.

        Args:
            number: number of the file; pieces of a discarded file are ignored.
            at: offset of the piece in the file.
            piece: at most :data:`PIECE` bytes.

        Returns:
            The file if it is complete, else None.

        Raises:
            UploadRefused: ``piece`` is not the requested one; the upload is discarded.
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
            self._send("more", number=self._upload.number, at=at, most=PIECE)
