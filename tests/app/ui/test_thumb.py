"""Small pictures of W: colours, reduction, what cannot be drawn."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from hebbscope.ui.palette import DIVERGING
from hebbscope.ui.thumb import PNG_URL, thumb_png, thumb_url


def pixels(png):
    return np.asarray(Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGB"))


def hexes(png):
    return [[f"#{bytes(pixel).hex()}" for pixel in row] for row in pixels(png)]


def test_a_pixel_a_weight_in_the_colours_of_the_maps():
    drawn = hexes(thumb_png(np.array([[-2.0, 0.0, 2.0], [0.0, 1.0, -1.0]], np.float32)))
    assert drawn[0] == [DIVERGING[0], "#ffffff", DIVERGING[-1]]
    assert drawn[1][0] == "#ffffff"
    assert drawn[1][1] == DIVERGING[191]
    assert (pixels(thumb_png(np.zeros((3, 2)))) == 255).all()


@pytest.mark.parametrize("shape", [(40, 7), (33, 34), (5, 90)])
def test_a_block_shows_its_largest_weight_of_either_sign(shape):
    weights = np.zeros(shape, np.float32)
    weights[-1, -1], weights[0, 0], weights[0, 1] = -3.0, 3.0, -1.0
    drawn = hexes(thumb_png(weights, most=16))
    assert max(len(drawn), len(drawn[0])) <= 16
    assert drawn[-1][-1] == DIVERGING[0]
    assert drawn[0][0] == DIVERGING[-1]


def test_what_is_not_finite_is_not_drawn():
    for bad in (np.nan, np.inf):
        weights = np.ones((40, 3), np.float32)
        weights[20, 1] = bad
        assert thumb_png(weights) == thumb_png(weights, most=8) == b""
        assert thumb_url(weights) == ""


def test_the_address_of_a_picture_is_the_picture():
    weights = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    url = thumb_url(weights)
    assert base64.b64decode(url.removeprefix(PNG_URL)) == thumb_png(weights)
