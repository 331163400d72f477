"""The film: an animated GIF that any viewer reads, its colours those of the maps."""

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from hebb_core.run.engine import Engine
from hebb_core.run.history import History
from hebb_core.run.setup import Setup
from hebb_core.run.steps import Network
from hebbscope.sheets.files.gif import MOST_FRAMES, SIDE, film, thinned
from hebbscope.ui.palette import DIVERGING

# As large as the networks of other tests, whose programs it shares.
SETUP = Setup(network=Network(n_pre=8, n_post=5), prior="l2", prior_lambda=0.05)


def history(frames, twin=None, setup=SETUP, steps=3):
    settings = setup.settings()
    if twin is not None:
        settings = replace(settings, twin=replace(setup, eta=0.4).hyper())
    engine, kept = Engine(setup.network, twin=twin), History()
    for _ in range(frames):
        kept.add(engine, engine.run(settings, steps))
    return tuple(kept)


def pictures(content):
    image = Image.open(io.BytesIO(content))
    shown = []
    for number in range(image.n_frames):
        image.seek(number)
        shown.append(np.asarray(image.convert("RGB")).astype(int))
    return shown


def colour(value, limit):
    """What the map shows for ``value``, ``(3,)``."""
    at = round(127 + 127 * max(min(value / limit, 1), -1))
    return np.array([int(DIVERGING[at][i : i + 2], 16) for i in (1, 3, 5)])


def cell(picture, top, left, row, col, shape=(8, 5)):
    """The middle of a cell of the map whose upper left corner stands at ``top``, ``left``."""
    high, wide = SIDE // shape[0], SIDE // shape[1]
    return picture[top + row * high + high // 2, left + col * wide + wide // 2]


def test_film_shows_every_frame_in_the_colours_of_the_maps():
    frames = history(5)
    shown = pictures(film(frames))
    assert len(shown) == 5
    limit = max(float(np.abs(kept.frame.d_weights).max()) for kept in frames)
    for picture, kept in zip(shown, frames, strict=True):
        weights, update = np.asarray(kept.frame.weights), np.asarray(kept.frame.d_weights)
        for row in range(8):
            for col in range(5):
                # Its palette has somewhat fewer colours.
                off = np.abs(cell(picture, 66, 12, row, col) - colour(weights[row, col], 1.0))
                assert off.max() <= 5
                off = np.abs(cell(picture, 66, 512, row, col) - colour(update[row, col], limit))
                assert off.max() <= 5


def test_zero_is_white_and_the_step_is_written():
    setup = Setup(network=Network(n_pre=8, n_post=5, weight_init=("zeros",)), eta=0.0)
    first, second = pictures(film(history(2, setup=setup)))
    assert (cell(first, 66, 12, 2, 2) == 255).all()
    head = (slice(0, 42), slice(0, 200))
    assert (first[head] < 100).any()
    assert (first[head] != second[head]).any()


def test_twins_stand_one_above_the_other():
    frames = history(2, twin="sgd")
    picture = pictures(film(frames))[-1]
    twin = frames[-1].frame.twin
    assert twin is not None
    assert not np.array_equal(twin.weights, frames[-1].frame.weights)
    below = 66 + SIDE + 24 + 20
    for row in range(8):
        found = cell(picture, below, 12, row, 1)
        assert np.abs(found - colour(float(twin.weights[row, 1]), 1.0)).max() <= 5


def test_without_a_bound_the_largest_weight_sets_the_scale():
    setup = replace(SETUP, w_bound=0.0, prior="constant", eta=0.5)
    frames = history(3, setup=setup)
    largest = max(float(np.abs(kept.frame.weights).max()) for kept in frames)
    assert largest > 1.0
    picture, weights = pictures(film(frames))[-1], np.asarray(frames[-1].frame.weights)
    row, col = np.unravel_index(weights.argmin(), weights.shape)
    found = cell(picture, 66, 12, row, col)
    assert np.abs(found - colour(weights[row, col], largest)).max() <= 5


def test_a_long_history_is_thinned_evenly():
    frames = history(250, steps=1)
    chosen = thinned(frames)
    assert len(chosen) == MOST_FRAMES
    assert (chosen[0], chosen[-1]) == (frames[0], frames[-1])
    gaps = np.diff([kept.frame.step for kept in chosen])
    assert set(gaps.tolist()) <= {1, 2}
    with pytest.raises(ValueError, match="no frame"):
        film(())


def test_progress_rises_to_the_end_and_can_end_the_work():
    told = []
    film(history(4), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0

    def refuse(share):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        film(history(2), refuse)


def test_a_large_matrix_is_shown_by_its_largest_magnitudes(monkeypatch):
    monkeypatch.setattr("hebbscope.sheets.files.gif.MOST_CELLS", 4)
    setup = replace(SETUP, network=replace(SETUP.network, weight_init=("zeros",)), eta=0.0)
    engine, kept = Engine(setup.network), History()
    engine.set_weight(3, 1, -1.0, setup.hyper())
    kept.add(engine, engine.run(setup.settings()))
    picture = pictures(film(tuple(kept)))[0]
    # Blocks of two rows and two columns.
    assert (cell(picture, 66, 12, 1, 0, (4, 3)) == colour(-1.0, 1.0)).all()
    for row, col in ((0, 0), (0, 1), (1, 1), (2, 0), (3, 2)):
        assert (cell(picture, 66, 12, row, col, (4, 3)) == 255).all()
