"""The small functions that kernels are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numpy.typing import NDArray

Function = TypeVar("Function", bound=Callable[..., Any])


def inlined(function: Function) -> Function:
    """Compile as part of each kernel that calls it; code that runs once per character is five times as fast for it.

    LLVM inlines the finished function (numba's own `inline="always"` copies its source form and multiplies compile time).
    """
    compiled: Function = numba.njit(nogil=True, fastmath=False, error_model="numpy", forceinline=True)(function)
    return compiled


@inlined
def signed(value: np.integer[Any]) -> int:
    """The value as a signed 64-bit number: narrow and unsigned types would spread through the sums."""
    return np.int64(value)  # type: ignore[return-value]  # it is an int to every kernel


@inlined
def at(array: NDArray[Any], index: int) -> int:
    """Item of an integer array as a signed 64-bit number."""
    return signed(array[index])
