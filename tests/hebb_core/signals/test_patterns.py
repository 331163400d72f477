"""Patterns: what each promises, for any size, at any step."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from hebb_core.signals import patterns
from hebb_core.signals.patterns import NOISE, PATTERNS, draw, pattern_settings, side_of
from hebb_core.signals.patterns.gaussian import COMPONENTS, eigenvalues, eigenvectors
from hebb_core.signals.patterns.letters import GLYPHS, glyph_images
from hebb_core.signals.random_streams import Chance, draw_chance

KEY = jax.random.key(5)

# Chance and patterns are compiled apart, for few batch sizes and shapes: either takes seconds.
WIDTHS = (16, 100, 1024)
SIZES = [(2, 2), (3, 5), (64, 32), (100, 5), (9, 40)]
LONG_RING = ((1000, 500), 256)
MANY_UNITS = ((200, 300), 256)
FULL_GRID = ((36, 12), 400)


def _draw_chance(settings, key, step, batch, width):
    needed, items = patterns.chance_needed(settings), patterns.items(settings)
    return draw_chance(key, step, needed, items, batch, width)


def _draw_alone(settings, chance, step, shape, batch, index):
    return draw(replace(settings, index=index), chance, step, shape, batch)


chances = jax.jit(_draw_chance, static_argnames=("batch", "width"))
compiled = jax.jit(draw, static_argnames=("shape", "batch"))
compiled_alone = jax.jit(_draw_alone, static_argnames=("shape", "batch", "index"))
waves = jax.jit(eigenvectors, static_argnums=0)
variances = jax.jit(eigenvalues, static_argnums=0)


def chance_of(settings, key, step, shape, batch, widths=WIDTHS[1:]):
    """As much chance as a run of this shape has, cut from a stream of one of a few widths."""
    wanted = patterns.chance_width(shape)
    width = next(width for width in widths if width >= wanted)
    drawn = chances(settings, key, step, batch=batch, width=width)
    # The last column makes the choice.
    return Chance(np.asarray(drawn.streams)[:, :, -(wanted + 1) :], drawn.choice)


def sample(name, step=0, shape=(64, 32), batch=4, key=KEY, **values):
    settings, step = pattern_settings(name, **values), np.int32(step)
    chance = chance_of(settings, key, step, shape, batch)
    return map(np.asarray, compiled(settings, chance, step, shape=shape, batch=batch))


def sample_alone(name, step, shape, batch, widths=WIDTHS[1:], **values):
    """The same where no other pattern is wanted at this size: as in a sweep, only it is compiled."""
    settings, step = pattern_settings(name, **values), np.int32(step)
    chance = chance_of(settings, KEY, step, shape, batch, widths)
    return map(
        np.asarray, compiled_alone(settings, chance, step, shape, batch, int(settings.index))
    )


@pytest.mark.parametrize("batch", [1, 4])
@pytest.mark.parametrize("shape", SIZES)
def test_every_pattern_fits_every_size(shape, batch):
    for name, pattern in PATTERNS.items():
        for bound in ("low", "high"):
            values = {p.name: getattr(p, bound) for p in pattern.parameters}
            pre, target = sample(name, 3, shape, batch, noise=0.1, **values)
            assert pre.shape == (batch, shape[0]), name
            assert target.shape == (batch, shape[1]), name
            assert pre.dtype == target.dtype == np.float32
            assert np.isfinite(pre).all(), name
            assert np.isfinite(target).all(), name


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_depends_on_key_and_step_alone(name):
    first, again = list(sample(name, 7, batch=1)), list(sample(name, 7, batch=1))
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
    assert any(not np.array_equal(first[0], next(sample(name, s, batch=1))) for s in (8, 9, 10))


def test_changing_pattern_or_numbers_compiles_nothing():
    list(sample("ring"))
    before = compiled._cache_size(), chances._cache_size()
    for name, pattern in PATTERNS.items():
        list(sample(name, 2, noise=0.3))
        list(sample(name, 2, **{p.name: p.high for p in pattern.parameters}))
    assert (compiled._cache_size(), chances._cache_size()) == before
    list(sample("ring", shape=(3, 2)))
    assert compiled._cache_size() == before[0] + 1


def test_one_hot_sweeps_in_order():
    for step in (0, 5, 24, 100, 1249):
        pre, target = sample("one_hot", step, (100, 5), 4)
        np.testing.assert_array_equal(pre.argmax(1), (step * 4 + np.arange(4)) % 100)
        np.testing.assert_array_equal(target.argmax(1), pre.argmax(1) % 5)
        assert (pre.sum(1) == 1).all()


def test_one_hot_stride():
    pre, _ = sample("one_hot", 1, (100, 5), 1, stride=3)
    assert pre.argmax() == 3


@pytest.mark.parametrize("step", [0, 10, 10_000_000])
def test_the_bump_moves_by_its_speed_and_stays_exact(step):
    here, there = sample("ring", step, *LONG_RING, speed=15, width=0.05)
    expected = (step * 256 + np.arange(256)) * 15 % 1000
    gap = abs(here.argmax(1) - expected)
    assert (np.minimum(gap, 1000 - gap) <= 1).all()
    gap = abs(there.argmax(1) - here.argmax(1) / 2)
    assert (np.minimum(gap, 500 - gap) <= 1).all()
    assert here.max(1) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize("step", [0, 1_048_576, 20_000_000, 2**31 - 1])
def test_sweeps_have_no_seam(step):
    sample_number = step * 256 + np.arange(256)
    unit, _ = sample("one_hot", step, *LONG_RING, stride=16)
    np.testing.assert_array_equal(unit.argmax(1), sample_number * 16 % 1000)
    place, _ = sample("ring", step, *LONG_RING, speed=15, width=0.01)
    np.testing.assert_array_equal(place.argmax(1), sample_number * 15 % 1000)


def test_the_bump_has_its_width():
    pre, _ = sample("ring", 0, *LONG_RING, width=0.05)
    assert pre[0, 50] == pytest.approx(np.exp(-0.5), rel=1e-3)
    np.testing.assert_allclose(pre[0, 1:], pre[0, :0:-1], atol=1e-6)


def test_speed_zero_is_a_constant_drive():
    np.testing.assert_array_equal(*(next(sample("ring", s, speed=0)) for s in (0, 123)))


@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_random_binary_has_its_sparsity(share):
    pre, target = sample("random_binary", 1, *MANY_UNITS, sparsity=share)
    assert set(np.unique(pre)) <= {0.0, 1.0}
    assert pre.mean() == pytest.approx(share, abs=0.01)
    np.testing.assert_array_equal(target[:, :200], pre)
    np.testing.assert_array_equal(target[:, 200:], pre[:, :100])


def test_bars_are_unions_of_rows_and_columns():
    pre, target = sample("bars", 3, *FULL_GRID, bar_chance=0.2)
    image = pre.reshape(-1, 6, 6).astype(bool)
    rows, cols = target[:, :6].astype(bool), target[:, 6:].astype(bool)
    np.testing.assert_array_equal(image, rows[:, :, None] | cols[:, None, :])
    assert target.mean() == pytest.approx(0.2, abs=0.03)


def test_every_bar_has_units_where_the_grid_is_not_full():
    pre, target = sample_alone("bars", 0, (12, 7), 400, bar_chance=0.2)
    for lit, answer in zip(pre, target, strict=True):
        image = (answer[:3, None] + answer[None, 3:]) > 0
        np.testing.assert_array_equal(lit.reshape(3, 4).astype(bool), image)


def test_stripes_stop_at_the_finest_the_grid_can_show():
    finest, _ = sample("gratings", 2, frequency=4)
    np.testing.assert_array_equal(next(sample("gratings", 2, frequency=8)), finest)


def test_gratings_have_their_orientation_and_frequency():
    pre, target = sample_alone("gratings", 0, (1024, 8), 256, orientations=4, frequency=3)
    spectrum = np.abs(np.fft.fft2(pre.reshape(-1, 32, 32)))
    for power, answer in zip(spectrum, target, strict=True):
        fy, fx = np.unravel_index(power[:, :17].argmax(), (32, 17))
        fy = fy - 32 if fy > 16 else fy
        assert np.hypot(fx, fy) == pytest.approx(3, abs=0.6)
        angle = np.arctan2(fy, fx) % np.pi
        preferred = np.pi * answer.argmax() / 8
        gap = abs(angle - preferred)
        assert min(gap, np.pi - gap) < 0.3


def test_letters_are_all_there_and_all_different():
    assert len(GLYPHS) == 26
    for n in (49, 64, 100):
        images = glyph_images(n)
        assert images.shape == (26, n)
        assert len(np.unique(images, axis=0)) == 26
    pre, target = sample("letters", 0, *MANY_UNITS, letters=5)
    assert set(target.argmax(1)) == {0, 1, 2, 3, 4}
    np.testing.assert_array_equal(pre, glyph_images(200)[target.argmax(1)])


def test_clusters_scatter_around_fixed_prototypes():
    clean, label = sample("clusters", 0, *MANY_UNITS, prototypes=6, flip=0)
    assert len(np.unique(clean, axis=0)) == 6
    noisy, again = sample("clusters", 9, *MANY_UNITS, prototypes=6, flip=0.1)
    prototypes = {k: clean[label.argmax(1) == k][0] for k in range(6)}
    away = [
        np.abs(row - prototypes[k]).mean() for row, k in zip(noisy, again.argmax(1), strict=True)
    ]
    assert np.mean(away) == pytest.approx(0.1, abs=0.01)


def test_pairs_are_fixed_over_a_run_and_no_cue_is_silent():
    seen = {}
    for step in range(5):
        pre, target = sample("paired_associates", step, *FULL_GRID, pairs=7, sparsity=0.01)
        assert (pre.sum(1) > 0).all()
        assert (target.sum(1) > 0).all()
        for cue, answer in zip(pre, target, strict=True):
            seen.setdefault(cue.tobytes(), answer.tobytes())
            assert seen[cue.tobytes()] == answer.tobytes()
    assert 1 < len(seen) <= 7
    other, _ = sample("paired_associates", 0, *FULL_GRID, key=jax.random.key(6))
    assert not {cue.tobytes() for cue in other} & set(seen)


@pytest.mark.parametrize("n", [2, 3, 8, 64, 1000])
def test_eigenvectors_are_orthonormal(n):
    basis = np.asarray(waves(n), np.float64)
    assert basis.shape == (min(COMPONENTS, n), n)
    np.testing.assert_allclose(basis @ basis.T, np.eye(len(basis)), atol=1e-5)


def test_the_correlation_is_the_one_that_is_promised():
    pre, target = sample_alone("correlated", 0, (16, 8), 60_000, WIDTHS, leading=3.0, decay=0.5)
    values, vectors = np.linalg.eigh(pre.T @ pre / len(pre))
    leading = np.asarray(waves(16))[0]
    assert abs(vectors[:, -1] @ leading) == pytest.approx(1, abs=1e-3)
    expected = np.asarray(variances(16, 3.0, 0.5))
    np.testing.assert_allclose(values[::-1][:COMPONENTS], expected, rtol=0.05, atol=1e-3)
    np.testing.assert_array_equal(target[:, 0], np.sign(pre @ leading))


def test_noise_has_its_spread_and_leaves_the_target():
    clean, taught = sample("letters", 4, *MANY_UNITS)
    noisy, again = sample("letters", 4, *MANY_UNITS, noise=0.3)
    added = noisy - clean
    assert added.std() == pytest.approx(0.3, rel=0.02)
    assert added.mean() == pytest.approx(0, abs=0.01)
    np.testing.assert_array_equal(taught, again)


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda p: p.name)
def test_each_pattern_is_described(pattern):
    for text in (pattern.explanation, pattern.target, *(p.explanation for p in pattern.parameters)):
        assert len(text) > 20
        assert text.endswith(".")
    for parameter in (*pattern.parameters, NOISE):
        assert parameter.low <= parameter.default <= parameter.high
        assert not parameter.log or parameter.low > 0
    if pattern.chooses:
        assert pattern.parameters[0].integer
        assert pattern.parameters[0].low >= 1


def test_a_shared_name_is_a_shared_parameter():
    by_name = {}
    for pattern in PATTERNS.values():
        for parameter in pattern.parameters:
            assert by_name.setdefault(parameter.name, parameter) is parameter


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: pattern_settings("plaid"), ValueError, "pattern must be one of .*'plaid'"),
        (lambda: pattern_settings("ring", width=0), ValueError, "width must be .*got 0"),
        (lambda: pattern_settings("ring", noise=2), ValueError, "noise must be .*got 2"),
        (lambda: pattern_settings("letters", letters=2.5), ValueError, "letters .*whole"),
        (lambda: pattern_settings("letters", width=0.1), TypeError, "takes letters; got width"),
        (lambda: pattern_settings("letters", letters="2"), TypeError, "letters must be a real"),
        (lambda: pattern_settings("ring", speed=float("nan")), ValueError, "speed must be finite"),
    ],
)
def test_bad_settings_are_refused_by_name(call, error, says):
    with pytest.raises(error, match=says):
        call()


def test_names_are_taken_in_any_case():
    assert int(pattern_settings("Letters").index) == list(PATTERNS).index("letters")


@pytest.mark.parametrize(("n", "side"), [(1, 1), (2, 2), (4, 2), (5, 3), (64, 8), (65, 9)])
def test_the_side_of_a_grid(n, side):
    assert side_of(n) == side


def test_streams_nobody_needs_are_not_drawn():
    settings = pattern_settings("ring")
    chance = chances(settings, KEY, np.int32(0), batch=4, width=100)
    assert not np.asarray(chance.streams).any()
