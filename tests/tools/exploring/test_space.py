"""The values of fields, as they are spelled."""

import pytest

from xnn.dialects.diagnostics import UserError
from xnn.runtime.targets import load_target
from xnn.tools.exploring.space import Space, parse_space

EDGE = load_target("edge")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("matmul.n=16,32,64", (16, 32, 64)),
        ("matmul.n=64", (64,)),
        ("local.rows=256:4096:x2", (256, 512, 1024, 2048, 4096)),
        ("local.rows=256:4000:x2", (256, 512, 1024, 2048)),
        ("local.banks=8:20:+4", (8, 12, 16, 20)),
        ("external.bytes_per_cycle=1:4:x1.5", (1, 1.5, 2.25, 3.375)),
        ("static_mw=20,0.5", (20, 0.5)),
    ],
)
def test_values(text, values):
    (found,) = parse_space([text], EDGE).values.values()
    assert found == values


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("local.row=16", "target has no field 'local.row'"),
        ("cache.rows=16", "target has no section 'cache'"),
        ("local=16", "target has no field 'local'"),
        ("local.rows", "--vary local.rows: expected SECTION.KEY=V,V,..."),
        ("name=a,b", "--vary name=a,b: expected SECTION.KEY=V,V,..."),
        ("local.rows=", "target field 'local.rows': '' is not a number"),
        ("local.rows=16,two", "target field 'local.rows': 'two' is not a number"),
        ("local.rows=16,0", "target field 'local.rows' must be at least 1, not 0"),
        ("local.rows=16,16", "--vary local.rows=16,16: a value stands there twice"),
        ("local.rows=16:32", "--vary local.rows=16:32: expected"),
        ("local.rows=16:32:2", "--vary local.rows=16:32:2: expected"),
        ("local.rows=32:16:x2", "--vary local.rows=32:16:x2: does not lead from 32 to 16"),
        ("local.rows=16:32:x1", "--vary local.rows=16:32:x1: does not lead"),
        ("local.rows=16:32:+0", "--vary local.rows=16:32:+0: does not lead"),
        ("local.rows=1:1000000:+1", "--vary local.rows=1:1000000:+1: has more than 10000 values"),
        ("static_mw=1:1e300:x1.0000000000000001", "--vary static_mw=1:1e300"),
    ],
)
def test_what_is_no_value(text, message):
    with pytest.raises(UserError) as error:
        parse_space([text], EDGE)
    assert error.value.message.startswith(message)


def test_a_field_stands_once():
    with pytest.raises(UserError, match="^--vary names matmul.n twice$"):
        parse_space(["matmul.n=16", "matmul.n=32"], EDGE)


def test_points_are_all_combinations():
    space = Space({"a": (1, 2), "b": (3, 4, 5)})
    points = list(space)
    assert space.size == len(points) == len({tuple(point.items()) for point in points}) == 6
    assert points == [space[place] for place in range(6)]
    assert points[1] == {"a": 1, "b": 4}


def test_samples_are_different_points_and_grow():
    space = Space({"a": tuple(range(50)), "b": tuple(range(40))})
    few, many = space.sample(10, seed=1), space.sample(30, seed=1)
    assert many[:10] == few and len({tuple(point.items()) for point in many}) == 30
    assert space.sample(10, seed=2) != few
    assert len(Space({"a": (1, 2)}).sample(5, seed=0)) == 2
