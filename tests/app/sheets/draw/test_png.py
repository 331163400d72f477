"""Pictures of patterns: their grey levels, and that whatever else somebody sends harms nothing."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from hebbscope.sheets.draw.png import MAX_PNG, MAX_SIDE

from ...pattern_files import lean, png, read, refused, valid


def part(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of(width, height, pixels=b"", *more):
    head = part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = part(b"IDAT", zlib.compress(pixels)) + part(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + body


def test_black_is_0_and_white_is_1():
    image = Image.new("L", (3, 3))
    image.putpixel((2, 0), 255)
    image.putpixel((0, 1), 51)
    (found,) = read("cat.png", png(image), first=5)
    assert found.name == "cat"
    np.testing.assert_allclose(found.pre, [0, 0, 1, 0.2, 0, 0, 0, 0, 0], atol=1e-7)
    assert found.target.tolist() == [0, 1, 0, 0]


def test_it_is_averaged_down_to_the_grid():
    pixels = np.zeros((6, 12), np.uint8)
    pixels[:2, :2] = 255
    (found,) = read("a.png", png(Image.fromarray(pixels)))
    assert found.pre.tolist() == pytest.approx([128 / 255] + [0] * 8, abs=1 / 255)


def test_a_grid_that_is_not_full():
    (found,) = read("a.png", png(Image.new("L", (5, 5), 255)), n=7)
    assert found.pre.tolist() == [1] * 7


@pytest.mark.parametrize(
    ("image", "grey"),
    [
        (Image.new("1", (3, 3), 1), 1),
        (Image.new("LA", (3, 3), (255, 51)), 0.2),
        (Image.new("RGB", (3, 3), (0, 255, 0)), 150 / 255),
        (Image.new("RGBA", (3, 3), (255, 255, 255, 0)), 0),
        (Image.new("RGB", (3, 3), (255, 255, 255)).quantize(4), 1),
        (Image.fromarray(np.full((3, 3), 51 * 257, np.uint16)), 0.2),
    ],
    ids=["bits", "grey with alpha", "colour", "transparent", "palette", "16 bits"],
)
def test_pictures_of_any_kind(image, grey):
    (found,) = read("a.png", png(image))
    np.testing.assert_allclose(found.pre, grey, atol=1e-6)


def test_a_transparent_colour():
    stream = io.BytesIO()
    Image.new("P", (3, 3)).save(stream, "PNG", transparency=0)
    assert not read("a.png", stream.getvalue())[0].pre.any()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"GIF89a", "is not a PNG"),
        (png(Image.new("L", (3, 3)))[:40], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + part(b"IEND", b""), "damaged"),
        (png_of(3, 3, b""), "pixels cannot be read"),
        (png_of(0, 3), "damaged"),
        (png_of(MAX_SIDE + 1, 1), "4097 × 1 pixels; at most 4096 × 4096"),
        (png_of(60_000, 60_000), "at most 4096 × 4096"),
        (bytes(MAX_PNG + 1), "takes 2.0 MiB; a picture may take 2 MiB"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
def test_what_is_refused_is_told_with_the_reason(data, says):
    refused("a.png", data, says)


def test_a_small_picture_that_expands_without_end():
    data = png_of(3, 3, bytes(50_000_000))
    assert len(data) < 2**17
    with lean():
        valid(read("a.png", data))


def test_texts_within_a_picture_are_not_expanded():
    small = part(b"zTXt", b"a\0\0" + zlib.compress(bytes(1000)))
    valid(read("a.png", png_of(3, 3, bytes(12), small)))
    texts = [part(b"zTXt", b"a\0\0" + zlib.compress(bytes(60_000_000)))] * 20
    with lean(2**23):
        refused("a.png", png_of(3, 3, bytes(12), *texts), "damaged")


def test_a_second_size_within_a_picture_is_refused():
    second = part(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0))
    refused("a.png", png_of(3, 3, bytes(12), second), "at most 4096 × 4096")
