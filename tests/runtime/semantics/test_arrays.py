import numpy as np
import pytest
from xdsl.dialects.builtin import (
    DenseIntOrFPElementsAttr,
    IndexType,
    IntegerType,
    Signedness,
    TensorType,
    f16,
    f32,
    f64,
    i1,
    i8,
    i64,
)

from xnn.dialects.diagnostics import UserError
from xnn.dialects.element_types import dtype_of
from xnn.runtime.semantics.arrays import array_of, dense_of


@pytest.mark.parametrize(
    ("element_type", "dtype"),
    [
        (f16, "<f2"),
        (f32, "<f4"),
        (f64, "<f8"),
        (i1, "?"),
        (i8, "i1"),
        (i64, "<i8"),
        (IntegerType(8, Signedness.UNSIGNED), "u1"),
    ],
)
def test_there_and_back(element_type, dtype):
    assert dtype_of(element_type) == np.dtype(dtype)
    array = np.array([[0, 1, 1], [1, 0, 1]], dtype)
    np.testing.assert_array_equal(array_of(dense_of(array, element_type)), array)


def test_types_without_values():
    with pytest.raises(UserError, match="cannot compute with elements of type index"):
        dtype_of(IndexType())


def test_broadcast_elements_take_no_memory():
    huge = dense_of(np.broadcast_to(np.float32(2), (1 << 20, 1 << 20)), f32)
    assert len(huge) == 1
    assert array_of(huge).shape == (1 << 20, 1 << 20)
    assert array_of(huge)[5, 7] == 2


def test_scalars():
    dense = DenseIntOrFPElementsAttr.from_list(TensorType(f32, []), [1.5])
    assert array_of(dense).shape == ()
    assert array_of(dense) == 1.5
    assert dense_of(np.array(1.5, np.float32), f32) == dense
