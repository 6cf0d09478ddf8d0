"""Rounding by the error in the products: against GPTQ as it was published, and what it gains."""

import numpy as np
import pytest

from xnn.passes.quantize.round_weights import LONGEST, rounded, to_ends

ENDS = (-8, 7)


def published(w: np.ndarray, scale: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Algorithm 1 of Frantar et al. for w [M, K], largest diagonal first, in float64."""
    order = np.argsort(np.diag(moments), kind="stable")[::-1]
    w, moments = w[:, order].astype(np.float64), moments[order][:, order]
    inverse = np.linalg.cholesky(np.linalg.inv(moments)).T
    q = np.empty_like(w)
    for tap in range(w.shape[1]):
        q[:, tap] = np.clip(np.rint(w[:, tap] / scale), *ENDS)
        error = (w[:, tap] - q[:, tap] * scale) / inverse[tap, tap]
        w[:, tap:] -= np.outer(error, inverse[tap, tap:])
    return q[:, np.argsort(order)]


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def drawn(rng, groups: int, rows: int, taps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights [G, M, K], their scales [G, M], and maps [G, K, N] with taps that resemble each other."""
    w = rng.standard_normal((groups, rows, taps), np.float32)
    scale = np.abs(w).max(axis=2) / np.float32(ENDS[1])
    maps = rng.standard_normal((groups, taps, 50), np.float32)
    maps += 2 * rng.standard_normal((groups, 1, 50), np.float32) + 1
    return w, scale, maps


def test_as_published(rng):
    w, scale, maps = drawn(rng, 1, 5, 150)
    q = rounded(w, scale, to_ends(scale, *ENDS), lambda: [maps[..., :20], maps[..., 20:]], 0.01)
    moments = (maps[0] @ maps[0].T).astype(np.float64)
    moments += 0.01 * np.diag(moments).mean() * np.eye(150)
    np.testing.assert_array_equal(q[0], published(w[0], scale[0], moments))


@pytest.mark.parametrize("taps", [40, LONGEST + 200])
def test_products_suffer_less(rng, taps):
    w, scale, maps = drawn(rng, 2, 4, taps)
    nearest = np.clip(np.rint(w / scale[..., None]), *ENDS)
    q = rounded(w, scale, to_ends(scale, *ENDS), lambda: [maps], 0.01)
    assert q.min() >= ENDS[0] and q.max() <= ENDS[1]

    def noise(integers: np.ndarray) -> float:
        return float((((w - integers * scale[..., None]) @ maps) ** 2).sum())

    assert noise(q) < noise(nearest) / 5


def test_taps_that_nothing_reaches_are_rounded_to_the_nearest(rng):
    w, scale, maps = drawn(rng, 1, 4, 20)
    maps[:, 5:] = 0
    q = rounded(w, scale, to_ends(scale, *ENDS), lambda: [maps], 0.01)
    np.testing.assert_array_equal(q[..., 5:], np.rint(w / scale[..., None])[..., 5:])
    np.testing.assert_array_equal(
        rounded(w, scale, to_ends(scale, *ENDS), lambda: [0 * maps], 0.01),
        np.rint(w / scale[..., None]),
    )
