import pytest

from xnn.dialects.xnn import DYNAMIC as N
from xnn.dialects.xnn.shapes import broadcast, reshaped


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ([()], ()),
        ([(2, 3), (3,)], (2, 3)),
        ([(2, 1), (1, 3), ()], (2, 3)),
        ([(2, 3), (2,)], None),
        ([(N, 3), (3,)], (N, 3)),
        ([(N, 3), (1, 1)], (N, 3)),
        ([(N, 3), (4, 1)], (4, 3)),
    ],
)
def test_broadcast(shapes, expected):
    assert broadcast(*shapes) == expected
    assert broadcast(*reversed(shapes)) == expected


@pytest.mark.parametrize(
    ("shape", "target", "expected"),
    [
        ((2, 3, 4), (6, 4), (6, 4)),
        ((2, 3, 4), (0, -1), (2, 12)),
        ((2, 3, 4), (-1,), (24,)),
        ((2, 3, 4), (4, 0, 2), (4, 3, 2)),
        ((2, 3, 4), (5, -1), None),
        ((2, 3, 4), (6, 5), None),
        ((2, 3), (2, 3, 0), None),
        ((1,), (), ()),
        ((), (1, 1), (1, 1)),
        ((N, 3, 4), (0, -1), (N, 12)),
        ((N, 3, 4), (-1, 12), (N, 12)),
        ((N, 3, 4), (0, 6, 2), (N, 6, 2)),
        ((N, 3, 4), (2, 12), None),
        ((N, 3, 4), (0, 5, -1), None),
        ((N, 3, N), (0, -1), (N, N)),
    ],
)
def test_reshaped(shape, target, expected):
    assert reshaped(shape, target) == expected
