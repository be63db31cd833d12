"""Compiled loops of the naive Bayes model: its byte automaton, and sums over its table. Importing this loads numba."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.kernels.compile import kernel


@kernel("int64(uint8[::1], uint32[::1], uint32[::1], int32[::1], int32[::1], int32[::1], int32[::1])")
def walk(
    text: NDArray[np.uint8],
    next_state: NDArray[np.uint32],
    row_of_state: NDArray[np.uint32],
    feature_of_state: NDArray[np.int32],
    counts: NDArray[np.int32],
    features: NDArray[np.int32],
    found: NDArray[np.int32],
) -> int:
    """Features of `text` in order of first occurrence into `features`, their counts into `found`; returns how many.

    `counts` has one entry per feature of the model, all 0 before and after.
    """
    distinct = 0
    state = np.uint32(0)
    for i in range(text.shape[0]):
        state = next_state[np.int64(row_of_state[state]) * 256 + text[i]]
        feature = feature_of_state[state]
        if feature >= 0:
            if counts[feature] == 0:
                features[distinct] = feature
                distinct += 1
            counts[feature] += 1
    for j in range(distinct):
        found[j] = counts[features[j]]
        counts[features[j]] = 0
    return distinct


@kernel("void(float64[::1], int32[::1], uint16[:, ::1], float64[::1])")
def add_rows(
    weights: NDArray[np.float64],
    features: NDArray[np.int32],
    halves: NDArray[np.uint16],
    scores: NDArray[np.float64],
) -> None:
    """Add to `scores` (one per class) the rows of `features` times their weights, row by row.

    `halves` holds the bits of finite float16 numbers. Sign and magnitude are moved to their places in a float32, whose
    exponent is then 112 too small; the product with 2**112 is exact. (A table in float32 would double the memory; numpy's
    own conversion takes longer than all the rest.)
    """
    for i in range(features.shape[0]):
        feature = features[i]
        for j in range(halves.shape[1]):
            half = np.uint32(halves[feature, j])
            bits = np.uint32(
                ((half & np.uint32(0x8000)) << np.uint32(16)) | ((half & np.uint32(0x7FFF)) << np.uint32(13))
            )
            scores[j] += weights[i] * np.float64(bits.view(np.float32) * np.float32(2.0**112))
