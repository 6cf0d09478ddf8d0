"""The sanitizer finds each kind of fault, names the node and its layer, and passes what is right."""

from io import BytesIO
from pathlib import Path

import pytest
from xdsl.dialects.builtin import ModuleOp

import xnn
from tests.programs import compiled
from xnn.dialects.dsa import MatmulInstruction
from xnn.passes.module.xnn_target import XnnTarget
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.sanitizer import (
    OUT_OF_RANGE,
    PARAMETER_WRITTEN,
    RACE,
    UNINITIALISED,
    Finding,
    sanitize,
)
from xnn.tools.networks import light
from xnn.tools.parsing import make_context, parse_module

SCHEDULE = "schedule <block = [1, 1, 4, 4]>"
MATRIX, ROW = "memref<4x4xf32, #dma.local>", "memref<1x4xf32, #dma.local>"


def operands(of: str, at: str) -> str:
    """Buffers by their names, and an affine map of offsets in them."""
    names = ", ".join(f'"{name}"' for name in of.split())
    return f"of [{names}] at affine_map<{at}>"


def config(name: str) -> str:
    """A layer that multiplies a row by a matrix."""
    return f"""dsa.layer "{name}" @{name}
  dsa.config @{name} {{
    ^bb0(%0: {MATRIX}, %1: {ROW}, %2: {ROW}):
      prim.matmul "{name}" "gemm" ins(%0, %1 : {MATRIX}, {ROW}) window <> {SCHEDULE} outs(%2 : {ROW})
    }}"""


def transfer(
    layer: str, engine: str, direction: str, of: str, at: str, rows: int, after: str = ""
) -> str:
    where = f'"{layer}" "{engine}" {direction} {operands(of, at)}'
    return f"dsa.transfer {where} sizes [{rows}, 4] source [4, 1] target [4, 1] reservations [2]{after} : f32"


def product(layer: str, of: str, at: str, after: str) -> str:
    block = "[1, 1, 4, 4] pads [] first last"
    return f'dsa.matmul "{layer}" {block} {operands(of, at)} reservations [4, 2, 1]{after}'


CHAIN = f"""
builtin.module {{
  dsa.program {{
    dsa.buffer "x" input external at 0 : memref<1x4xf32>
    dsa.buffer "w" parameter external at 64 : memref<4x4xf32>
    dsa.buffer "z" feature_map external at 320 : memref<1x4xf32>
    dsa.buffer "a.0" slice local at 65536 : memref<4x4xf32>
    dsa.buffer "a.1" slice local at 65600 : memref<1x4xf32>
    dsa.buffer "y" feature_map local at 0 : memref<1x4xf32>
    dsa.buffer "b.2" slice local at 65616 : memref<1x4xf32>
    dsa.output "z" of "z" at 0 : memref<1x4xf32>
    {config("a")}
    {transfer("a", "dma0", "load", "w a.0", "() -> (0, 0)", 4)}
    {transfer("a", "dma1", "load", "x a.1", "() -> (0, 0)", 1)}
    {product("a", "a.0 a.1 y", "() -> (0, 0, 0)", " after <dma0 1, dma1 1>")}
    {config("b")}
    {product("b", "a.0 y b.2", "() -> (0, 0, 0)", " after <matmul 1>")}
    {transfer("b", "dma1", "store", "b.2 z", "() -> (0, 0)", 1, " after <matmul 1>")}
  }}
}}
"""
"""Two products, one after the other: nodes 0 and 1 load, 2 and 3 compute, 4 stores."""

STREAM = f"""
builtin.module {{
  dsa.program {{
    dsa.buffer "x" input external at 0 : memref<8x4xf32>
    dsa.buffer "w" parameter external at 128 : memref<4x4xf32>
    dsa.buffer "y" feature_map external at 192 : memref<8x4xf32>
    dsa.buffer "s.0" slice local at 65536 : memref<4x4xf32>
    dsa.buffer "s.1" slice local at 0 slots 2 pitch 64 : memref<1x4xf32>
    dsa.buffer "s.2" slice local at 131072 : memref<8x4xf32>
    dsa.output "y" of "y" at 0 : memref<8x4xf32>
    {config("s")}
    {transfer("s", "dma1", "load", "w s.0", "() -> (0, 0)", 4)}
    dsa.repeat 2 {{
      {transfer("s", "dma0", "load", "x s.1", "(d0) -> (d0 * 16, d0 * 64)", 1)}
    }}
    {product("s", "s.0 s.1 s.2", "() -> (0, 0, 0)", " after <dma0 2, dma1 1>")}
    dsa.repeat 6 {{
      {transfer("s", "dma0", "load", "x s.1", "(d0) -> (d0 * 16 + 32, (d0 mod 2) * 64)", 1, " after <matmul 1>")}
      {product("s", "s.0 s.1 s.2", "(d0) -> (0, ((d0 + 1) mod 2) * 64, d0 * 16 + 16)", " after <dma0 2>")}
    }}
    {product("s", "s.0 s.1 s.2", "() -> (0, 64, 112)", " after <dma0 1>")}
    {transfer("s", "dma1", "store", "s.2 y", "() -> (0, 0)", 8, " after <matmul 1>")}
  }}
}}
"""
"""Eight products, of rows loaded two ahead into two slots: nodes 4, 6, .. load, 5, 7, .. compute."""


LOAD = transfer("a", "dma1", "load", "x a.1", "() -> (0, 0)", 1)
STORE = transfer("b", "dma1", "store", "b.2 z", "() -> (0, 0)", 1, " after <matmul 1>")
AHEAD = (
    "(d0 mod 2) * 64)> sizes [1, 4] source [4, 1] target [4, 1] reservations [2] after <matmul 1>"
)
"""The instructions that are made wrong below."""


def module_of(text: str) -> ModuleOp:
    """The program for the default target, not verified: that would refuse many of the faults."""
    context = make_context()
    module = parse_module(BytesIO(text.encode()), context)
    XnnTarget().apply(context, module)
    return module


def findings_of(text: str, *edits: tuple[str, str], limit: int = 100) -> list[Finding]:
    """Findings of a program of which each first string, there once, is replaced by the second."""
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return sanitize(Machine(module_of(text), WeightStore()), limit)


def the_finding(text: str, *edits: tuple[str, str]) -> Finding:
    (finding,) = findings_of(text, *edits)
    return finding


@pytest.mark.parametrize("text", [CHAIN, STREAM])
def test_right_programs_are_clean_and_verify(text):
    assert findings_of(text) == []
    module_of(text).verify()


def test_read_of_local_memory_never_written():
    finding = the_finding(CHAIN, (LOAD, LOAD.replace("sizes [1, 4]", "sizes [1, 3]")))
    assert finding.kind == UNINITIALISED
    assert str(finding) == (
        'node 2 (dsa.matmul of layer "a"): uninitialised read: operand 1 in "a.1", '
        "local bytes 0x1004c to 0x10050, were never written"
    )


def test_read_of_an_external_feature_map_never_written():
    finding = the_finding(CHAIN, ('["x", "a.1"]', '["z", "a.1"]'))
    assert (finding.kind, finding.node, finding.layer) == (UNINITIALISED, 1, "a")
    assert (finding.space, finding.start, finding.end) == ("external", 320, 336)


def test_output_that_nobody_stores():
    finding = the_finding(CHAIN, (STORE, STORE.replace("sizes [1, 4]", "sizes [1, 3]")))
    assert (finding.kind, finding.instruction, finding.layer) == (UNINITIALISED, "dsa.output", "z")
    assert (finding.node, finding.start, finding.end) == (5, 332, 336)


@pytest.mark.parametrize(
    ("old", "new", "node", "layer", "problem"),
    [
        (LOAD, "-> (0, 8)", 1, "a", 'lie in no slot of buffer "a.1"'),
        (LOAD, "-> (4294967288, 0)", 1, "a", "lie outside of memory, which has"),
        (LOAD, "-> (-4, 0)", 1, "a", "lie outside of memory, which has"),
        (STORE, "-> (-4, 0)", 4, "b", 'lie in no slot of buffer "b.2"'),
    ],
)
def test_access_out_of_the_buffer_or_of_memory(old, new, node, layer, problem):
    finding = findings_of(CHAIN, (old, old.replace("-> (0, 0)", new)))[0]
    assert (finding.kind, finding.node, finding.layer) == (OUT_OF_RANGE, node, layer)
    assert problem in str(finding) and f"node {node} (dsa." in str(finding)


def test_write_into_a_parameter():
    finding = findings_of(CHAIN, ('["b.2", "z"]', '["b.2", "w"]'))[0]
    assert (finding.kind, finding.node, finding.layer) == (PARAMETER_WRITTEN, 4, "b")
    assert str(finding).endswith('belong to parameter "w"')


def test_dropped_tokens_are_races():
    finding = the_finding(CHAIN, (" after <dma0 1, dma1 1>", " after <dma0 1>"))
    assert (finding.kind, finding.other_node, finding.other_layer) == (RACE, 1, "a")
    assert str(finding) == (
        'node 2 (dsa.matmul of layer "a"): race: operand 1 in "a.1", local bytes 0x10040 to 0x10050, are '
        'read here and written by node 1 (dsa.transfer of layer "a"), in no order of tokens or of '
        "one engine"
    )


def test_result_of_a_product_read_on_its_own_engine_needs_its_token():
    finding = the_finding(
        CHAIN, ("reservations [4, 2, 1] after <matmul 1>", "reservations [4, 2, 1]")
    )
    assert (finding.kind, finding.node, finding.layer, finding.operand) == (RACE, 3, "b", 1)
    assert (finding.other_node, finding.other_layer) == (2, "a")
    assert (finding.start, finding.end) == (0, 16)


def test_token_of_the_node_before_is_not_enough():
    finding = the_finding(
        CHAIN, ("reservations [2] after <matmul 1>", "reservations [2] after <matmul 2>")
    )
    assert (finding.kind, finding.node, finding.layer, finding.other_node) == (RACE, 4, "b", 3)


@pytest.mark.parametrize(
    ("old", "new", "node", "other", "words"),
    [
        (AHEAD, AHEAD.replace("matmul 1", "matmul 2"), 4, 3, "written here and read by node 3"),
        ("1] after <dma0 2>", "1] after <dma0 3>", 5, 2, "read here and written by node 2"),
        ("1] after <dma0 1>", "1] after <dma0 2>", 16, 14, "read here and written by node 14"),
    ],
)
def test_token_too_far_back_by_one(old, new, node, other, words):
    finding = findings_of(STREAM, (old, new))[0]
    assert (finding.kind, finding.layer) == (RACE, "s")
    assert (finding.node, finding.other_node) == (node, other)
    assert words in str(finding)


def test_operands_of_one_node_must_not_overlap():
    finding = findings_of(CHAIN, ('["a.0", "y", "b.2"]', '["a.0", "y", "y"]'))[0]
    assert (finding.kind, finding.node, finding.other_node) == (RACE, 3, 3)


def test_each_pair_of_instructions_is_found_once_and_at_most_limit_of_all():
    wrong = ("1] after <dma0 2>", "1]"), (AHEAD, AHEAD.replace(" after <matmul 1>", ""))
    findings = findings_of(STREAM, *wrong)
    assert len({(f.kind, f.node, f.other_node) for f in findings}) == len(findings) > 2
    assert findings_of(STREAM, *wrong, limit=2) == findings[:2]


def machine_of(name: str, folder: Path) -> Machine:
    path = folder / f"{name}.onnx"
    light.save(name, path)
    return Machine(xnn.compile(path).module, WeightStore())


def require_tokens(machine: Machine) -> None:
    """The program is clean, and without the tokens of one of its first products it is not."""
    assert sanitize(machine) == []
    needed = False
    for each in machine.decoded[:100]:
        if isinstance(each.op, MatmulInstruction) and each.tokens:
            tokens, each.tokens = each.tokens, ()
            finding, needed = sanitize(machine, limit=1)[0], True
            each.tokens = tokens
            assert finding.kind == RACE
            assert finding.layer == each.op.layer.data
    assert needed


def test_a_network_is_clean_and_needs_its_tokens():
    model = Path("tools/networks/digits.onnx")
    require_tokens(Machine(compiled(model, settings=["local.rows=16"]).module, WeightStore()))


@pytest.mark.slow
def test_squeezenet_is_clean_and_needs_its_tokens(tmp_path):
    require_tokens(machine_of("squeezenet", tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(light.names()) - {"squeezenet"}))
def test_networks_are_clean(name, tmp_path):
    assert sanitize(machine_of(name, tmp_path)) == []
