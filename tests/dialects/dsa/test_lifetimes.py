"""Buffers may share bytes of memory that are never live in both."""

from itertools import product
from random import Random

import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.dsa import ProgramOp
from xnn.dialects.dsa.expansion import expand
from xnn.dialects.dsa.instructions import TransferOp
from xnn.tools.parsing import make_context


def parse(body: str) -> ModuleOp:
    return Parser(make_context(), f'dsa.program {{\ndsa.layer "y"\n{body}}}').parse_module()


def buffer(name: str, address: int, type: str, place: str = "feature_map local") -> str:
    return f'dsa.buffer "{name}" {place} at {address} : memref<{type}>\n'


def copy(source: str, target: str, map: str, sizes: list[int], strides: list[int]) -> str:
    return (
        f'dsa.transfer "y" "dma0" copy of ["{source}", "{target}"] at affine_map<{map}> '
        f"sizes {sizes} source {strides} target {strides} reservations [2, 2] : i8\n"
    )


ROWS = buffer("a", 0, "4x8xi8") + buffer("b", 256, "4x8xi8")
"""Row by row a is copied to b; then c, which begins in a's second row, is copied to d."""
MOVE = f"dsa.repeat 4 {{ {copy('a', 'b', '(d0) -> (d0 * 8, d0 * 8)', [8], [1])} }}\n"


def test_rows_that_are_dead_may_be_overwritten():
    """Of a map of four rows the last is still to be read when another buffer has taken the first three."""
    text = ROWS + buffer("c", 0, "3x8xi8") + MOVE
    parse(text + copy("b", "c", "() -> (0, 0)", [24], [1])).verify()
    late = copy("a", "b", "() -> (24, 24)", [8], [1])
    parse(text + copy("b", "c", "() -> (0, 0)", [24], [1]) + late).verify()
    with pytest.raises(VerifyException) as error:
        parse(text + copy("b", "c", "() -> (0, 0)", [24], [1]) + late.replace("24", "16")).verify()
    assert str(error.value).startswith(
        'dsa.transfer "y": operand 1 needs bytes 0x0 to 0x18 of local memory for buffer "c", where '
        'bytes 0x10 to 0x18 hold buffer "a" until node 5, dsa.transfer of layer "y"'
    )


def test_bytes_between_those_that_are_live_are_free():
    """The first columns of a are read last; c lies in its last columns."""
    columns = copy("a", "b", "() -> (0, 0)", [4, 4], [8, 1])
    takes = ROWS + buffer("c", 4, "28xi8") + MOVE
    parse(takes + copy("b", "c", "() -> (0, 0)", [4, 4], [8, 1]) + columns).verify()
    with pytest.raises(VerifyException, match='bytes 0x8 to 0x9 hold buffer "a" until node 5'):
        parse(takes + copy("b", "c", "() -> (0, 0)", [3, 5], [8, 1]) + columns).verify()


def random_program(random: Random) -> str:
    """Copies of strided slices between buffers, some in repeats, at addresses where many overlap."""
    names = [f"b{i}" for i in range(random.randint(2, 5))]
    sizes = {name: random.choice([16, 24, 40]) for name in names}
    text = "".join(buffer(name, random.randrange(80), f"{sizes[name]}xi8") for name in names)
    for _ in range(random.randint(1, 5)):
        one, other = random.choices(names, k=2)
        room = min(sizes[one], sizes[other])
        shape = [random.choice([1, 2, 3]) for _ in range(2)]
        strides = [random.choice([1, 3, 4]), random.choice([1, 2])]
        room -= sum((size - 1) * stride for size, stride in zip(shape, strides, strict=True)) + 1
        count = random.choice([1, 1, 2, 3])
        step = random.randint(0, max(0, room // count))
        offsets = [random.randint(0, max(0, room - step * (count - 1))) for _ in "st"]
        map = f"(d0) -> (d0 * {step} + {offsets[0]}, d0 * {step} + {offsets[1]})"
        text += f"dsa.repeat {count} {{ {copy(one, other, map, shape, strides)} }}\n"
    return text


def is_right(module: ModuleOp) -> bool:
    """By hand, byte by byte."""
    program = module.body.block.first_op
    assert isinstance(program, ProgramOp)
    table = expand(program.block)
    times: dict[tuple[str, int], list[int]] = {}
    for time, (index, offsets) in enumerate(table.nodes):
        op = table.ops[index]
        assert isinstance(op, TransferOp)
        strides = op.source_strides.get_values(), op.target_strides.get_values()
        for name, offset, steps in zip(op.buffers, offsets, strides, strict=True):
            for place in product(*map(range, op.sizes.get_values())):
                byte = offset + sum(i * step for i, step in zip(place, steps, strict=True))
                times.setdefault((name.data, byte), []).append(time)
    spans = {key: (min(each), max(each)) for key, each in times.items()}
    return not any(
        byte == other_byte and name < other and first <= end and begin <= last
        for (name, byte), (first, last) in spans.items()
        for (other, other_byte), (begin, end) in spans.items()
    )


@pytest.mark.parametrize("count", [100, pytest.param(300, marks=pytest.mark.slow)])
def test_random_programs_are_refused_if_a_byte_is_live_in_two_buffers(count: int):
    verdicts = []
    for seed in range(count):
        module = parse(random_program(Random(seed)))
        try:
            module.verify()
            verdicts.append(True)
        except VerifyException as error:
            assert "hold buffer" in str(error)
            verdicts.append(False)
        assert verdicts[-1] == is_right(module), seed
    assert 50 * count < 300 * sum(verdicts) < 250 * count
