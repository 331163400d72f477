"""The diverging colour map of all signed quantities: blue below zero, white at zero, red above.

Blue and red are distinguishable with protanopia, deuteranopia and tritanopia. Lightness decreases
evenly on both sides, so that magnitude can be read without hue.
"""

from __future__ import annotations

import numpy as np

__all__ = ["DIVERGING", "LEVELS", "css_gradient"]

#: Number of colours in the map; odd, so that zero has a colour of its own.
LEVELS = 255

# CIELAB (L*, a*, b*), from zero outwards.
_BLUE = ((100, 0, 0), (86, -6, -16), (68, -8, -34), (48, -2, -46), (22, 14, -44))
_RED = ((100, 0, 0), (88, 14, 12), (68, 40, 28), (47, 60, 36), (24, 44, 24))


def _srgb(lab: np.ndarray) -> np.ndarray:
    """Convert CIELAB (D65) to integer sRGB in 0..255, both ``(k, 3)``; IEC 61966-2-1."""
    fy = (lab[:, 0] + 16) / 116
    f = np.stack([fy + lab[:, 1] / 500, fy, fy - lab[:, 2] / 200], axis=1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))
    xyz *= (0.95047, 1.0, 1.08883)
    to_linear = np.array(
        [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
    )
    linear = np.clip(xyz @ to_linear.T, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.rint(255 * encoded).astype(int)


def _arm(anchors: tuple[tuple[int, int, int], ...], count: int) -> list[str]:
    knots = np.linspace(0, 1, len(anchors))
    along = np.linspace(0, 1, count)
    lab = np.stack([np.interp(along, knots, column) for column in np.array(anchors).T], axis=1)
    return [f"#{r:02x}{g:02x}{b:02x}" for r, g, b in _srgb(lab)]


def _diverging() -> tuple[str, ...]:
    half = LEVELS // 2 + 1
    below, above = _arm(_BLUE, half), _arm(_RED, half)
    return (*reversed(below[1:]), "#ffffff", *above[1:])


#: The colours as ``#rrggbb``, from most negative to most positive; the middle one is pure white.
DIVERGING: tuple[str, ...] = _diverging()


def css_gradient() -> str:
    """Return the colour map as a CSS gradient from left to right."""
    stops = (DIVERGING[round(at)] for at in np.linspace(0, LEVELS - 1, 11))
    return f"linear-gradient(to right, {', '.join(stops)})"
