"""Reduction: nothing hides, nothing is sent that cannot be seen."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hebb_core.rule.hyper import hyperparameters
from hebb_core.rule.terms import TERMS
from hebb_core.run.reduction import fit, reduce_matrix, reduced_term

from ..runs import update

sizes = st.integers(1, 3000)
pixels = st.integers(1, 600)


@settings(max_examples=300, deadline=None)
@given(n=sizes, m=sizes, height=pixels, width=pixels, data=st.data())
def test_a_window_covers_its_region_with_at_most_a_block_a_pixel(n, m, height, width, data):
    first = data.draw(st.floats(0, n - 0.5))
    last = data.draw(st.floats(first + 0.1, n + 0.5))
    window = fit((n, m), (height, width), rows=(first, last))
    assert window.rows <= max(height, 1)
    assert window.cols <= max(width, 1)
    assert window.row <= first
    assert window.row + window.rows * window.row_block >= min(int(np.floor(last)), n)
    assert window.row % window.row_block == 0
    # No block lies wholly outside the matrix.
    assert window.row + (window.rows - 1) * window.row_block < n
    assert window.col + (window.cols - 1) * window.col_block < m


def test_small_matrices_pass_as_they_are():
    matrix = np.arange(12, dtype=np.float32).reshape(3, 4)
    window = fit((3, 4), (400, 400))
    np.testing.assert_array_equal(reduce_matrix(matrix, window), matrix)


def test_no_outlier_hides():
    matrix = np.full((1000, 700), 0.01, np.float32)
    matrix[901, 33], matrix[17, 650] = -5.0, 4.0
    window = fit(matrix.shape, (100, 100))
    shown = np.asarray(reduce_matrix(matrix, window))
    assert shown.shape == (window.rows, window.cols)
    assert max(shown.shape) <= 100
    assert shown[901 // window.row_block, 33 // window.col_block] == -5.0
    assert shown[17 // window.row_block, 650 // window.col_block] == 4.0
    assert np.count_nonzero(np.abs(shown) > 1) == 2


def test_zooming_in_shows_cells_in_full():
    matrix = np.random.default_rng(0).normal(size=(1000, 700)).astype(np.float32)
    window = fit(matrix.shape, (200, 200), rows=(300, 340), cols=(100, 150))
    assert (window.row_block, window.col_block) == (1, 1)
    shown = np.asarray(reduce_matrix(matrix, window))
    expected = matrix[window.row : window.row + window.rows, window.col : window.col + window.cols]
    np.testing.assert_array_equal(shown, expected)
    assert window.row <= 300
    assert window.row + window.rows >= 340


@pytest.mark.parametrize("term", TERMS)
@pytest.mark.parametrize("shape", [(5, 3), (130, 257)])
def test_a_reduced_term_is_the_reduction_of_the_term(shape, term):
    rng = np.random.default_rng(1)
    n, m = shape
    weights = rng.uniform(-1, 1, shape).astype(np.float32)
    pre = rng.normal(size=(3, n)).astype(np.float32)
    post = rng.normal(size=(3, m)).astype(np.float32)
    hyper = hyperparameters(sign_value=-1.0, prior=("l1", 0.1))
    window = fit(shape, (50, 50))
    after = rng.uniform(-1, 1, shape).astype(np.float32)
    asked = update(hyper, weights, pre, post)
    whole = {name: getattr(asked, name, None) for name in TERMS} | {"delta": after - weights}
    np.testing.assert_allclose(
        reduced_term(term, hyper, weights, after, pre, post, window),
        reduce_matrix(whole[term], window),
        rtol=1e-5,
        atol=1e-6,
    )
