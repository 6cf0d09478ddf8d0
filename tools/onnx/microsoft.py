"""Operators that onnxruntime adds, as nodes of ONNX's: fused ones, weights in blocks of few bits, channels last."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper

from xnn.tools.onnx.attention import refuse_outputs
from xnn.tools.onnx.expansion import Expansion, Importer
from xnn.tools.onnx.sizes.building import Rules
from xnn.tools.onnx.tensors import Unsupported

ACTIVATIONS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("", "Relu", "Sigmoid", "Tanh", "Softplus", "Softsign"), ()),
    **dict.fromkeys(("LeakyRelu", "Elu", "ThresholdedRelu"), ("alpha",)),
    "HardSigmoid": ("alpha", "beta"),
    "Clip": ("min", "max"),
}
"""By activation, the names of its parameters."""


def _activated(rules: Rules, x: str, given: list[float]) -> None:
    """The output: the activation of x that the node says, with the parameters that are given, in order."""
    kind = rules.attributes.get("activation", b"").decode()
    if kind not in ACTIVATIONS:
        raise Unsupported(f"activation {kind}")
    parameters = dict(zip(ACTIVATIONS[kind], given, strict=False))
    (output,) = rules.node.output
    if kind == "Clip":
        dtype = rules.importer.dtype_of(x)
        bounds = [rules.constant(parameters[name], dtype) for name in ("min", "max")]
        rules.add(kind, x, *bounds, output=output)
    else:
        rules.add(kind or "Identity", x, output=output, **parameters)


def _only(rules: Rules, *others: str) -> dict[str, Any]:
    """The attributes of the node but for others."""
    return {name: value for name, value in rules.attributes.items() if name not in others}


def expand_fused_conv(importer: Importer, node: NodeProto) -> None:
    """A convolution, maybe plus a tensor, and an activation."""
    rules = Rules(importer, node)
    given = _only(rules, "activation", "activation_params")
    y = rules.add("Conv", *filter(None, node.input[:3]), **given)
    if rules.name(3):
        y = rules.add("Add", y, rules.name(3))
    _activated(rules, y, rules.attributes.get("activation_params", []))


def expand_fused_gemm(importer: Importer, node: NodeProto) -> None:
    rules = Rules(importer, node)
    own = [f"activation_{name}" for name in ("alpha", "beta", "gamma")]
    y = rules.add("Gemm", *filter(None, node.input), **_only(rules, "activation", *own))
    _activated(rules, y, [rules.attributes[name] for name in own if name in rules.attributes])


def expand_embed_layer_normalization(importer: Importer, node: NodeProto) -> None:
    """The sum of the embeddings of words, positions and segments, normalised; how many words a mask has."""
    rules = Rules(importer, node)
    words, segments, word, position, segment, gamma, beta, mask, places = (
        rules.name(place) for place in range(9)
    )
    if not places:
        places = rules.constant(np.arange(rules.shape(0)[1])[None])
    total = rules.add(
        "Add", rules.add("Gather", word, words), rules.add("Gather", position, places)
    )
    if segment:
        total = rules.add("Add", total, rules.add("Gather", segment, segments))
    epsilon = rules.attributes.get("epsilon", 1e-12)
    y, count, whole = (*node.output, "", "")[:3]
    rules.add("LayerNormalization", total, gamma, beta, output=y, axis=-1, epsilon=epsilon)
    if whole:
        rules.add("Identity", total, output=whole)
    if count and mask:
        wide = rules.add("Cast", mask, to=TensorProto.INT32)
        rules.add("ReduceSum", wide, rules.constant([1]), output=count, keepdims=0)
    elif count:
        zeros = rules.constant(np.zeros(rules.shape(0)[0]), np.int32)
        rules.add("Identity", zeros, output=count)


def _unpacked(rules: Rules, name: str, bits: int, length: int) -> str:
    """The integers of rows of bytes, the lower bits of a byte first, the first `length` of each row."""
    add, constant = rules.add, rules.constant
    (*before, size), count = rules.importer.shape_of(name), 8 // bits
    if count > 1:
        shifted = [
            add("BitShift", name, constant(bits * i, np.uint8), direction="RIGHT") if i else name
            for i in range(count)
        ]
        most = constant((1 << bits) - 1, np.uint8)
        parts = [add("Unsqueeze", add("BitwiseAnd", e, most), constant([-1])) for e in shifted]
        name = add("Concat", *parts, axis=-1)
    name = add("Reshape", name, constant([*before, size * count]))
    if length < size * count:
        name = add("Slice", name, *(constant([each]) for each in (0, length, len(before))))
    return name


def _in_blocks(rules: Rules, data: str, scales: str, zeros: str, bits: int, kind: int) -> str:
    """Real values of integers [rows, blocks, size], with a scale, and maybe a zero point, for each block."""
    add, constant, importer = rules.add, rules.constant, rules.importer
    rows, blocks, _ = importer.shape_of(data)
    grid = constant([rows, blocks, 1])
    real = add("Cast", data, to=kind)
    if zeros and importer.dtype_of(zeros) == np.uint8:
        width = -(-blocks * bits // 8)
        packed = add("Reshape", zeros, constant([rows, width]))
        zeros = add("Cast", _unpacked(rules, packed, bits, blocks), to=kind)
    dtype = importer.dtype_of(scales)
    zero = add("Reshape", zeros, grid) if zeros else constant(1 << bits - 1, dtype)
    return add("Mul", add("Sub", real, zero), add("Reshape", scales, grid))


def expand_matmul_nbits(importer: Importer, node: NodeProto) -> None:
    """The product with weights [K, N] that stand as rows of blocks of integers, several to a byte."""
    rules = Rules(importer, node)
    size, bits, rows, length = (
        rules.attributes.get(name, 4) for name in ("block_size", "bits", "N", "K")
    )
    if bits not in (2, 4, 8) or rules.name(4) or rules.attributes.get("weight_prepacked", 0):
        raise Unsupported(f"weights of {bits} bits, in an order of their own, or prepacked")
    blocks = -(-length // size)
    packed = rules.add("Reshape", rules.name(1), rules.constant([rows, blocks, size * bits // 8]))
    data, kind = _unpacked(rules, packed, bits, size), importer.dtype_of(rules.name(0))
    kind = helper.np_dtype_to_tensor_dtype(kind)
    real = _in_blocks(rules, data, rules.name(2), rules.name(3), bits, kind)
    real = rules.add("Reshape", real, rules.constant([rows, blocks * size]))
    if blocks * size > length:
        real = rules.add("Slice", real, *(rules.constant([each]) for each in (0, length, 1)))
    weights = rules.add("Transpose", real, perm=[1, 0])
    (output,), bias = node.output, rules.name(5)
    product = rules.add("MatMul", rules.name(0), weights, output="" if bias else output)
    if bias:
        rules.add("Add", product, bias, output=output)


def expand_gather_block_quantized(importer: Importer, node: NodeProto) -> None:
    """Rows of a table of integers in blocks along its last axis, as real values."""
    rules = Rules(importer, node)
    given = rules.attributes
    bits, size = given.get("bits", 4), given.get("block_size", 128)
    (*before, length), rank = rules.shape(0), len(rules.shape(0))
    dtype, kind = importer.dtype_of(rules.name(0)), importer.dtype_of(rules.name(2))
    is_last = given.get("quantize_axis", 1) % rank == rank - 1
    if dtype != np.uint8 or given.get("gather_axis", 0) or not is_last or rank != 2:
        raise Unsupported(f"a table of {dtype}, or axes other than rows of blocks")
    data = _unpacked(rules, rules.name(0), bits, length * 8 // bits)
    blocks = rules.constant([before[0], -1, size])
    kind = helper.np_dtype_to_tensor_dtype(kind)
    data = rules.add("Reshape", data, blocks)
    real = _in_blocks(rules, data, rules.name(2), rules.name(3), bits, kind)
    table = rules.add("Reshape", real, rules.constant([before[0], -1]))
    rules.add("Gather", table, rules.name(1), output=node.output[0], axis=0)


def _channels_last(operator: str, importer: Importer, node: NodeProto) -> None:
    """An operator whose first operand and result have their channels last."""
    rules = Rules(importer, node)
    refuse_outputs(node, 1)
    rank, x, (output, *_) = len(rules.shape(0)), rules.name(0), node.output
    is_last = operator == "MaxPool" or bool(rules.attributes.get("channels_last", 0))
    if is_last:
        x = rules.add("Transpose", x, perm=[0, rank - 1, *range(1, rank - 1)])
    y = importer.unique(f"{output}/channels_first") if is_last else output
    given = _only(rules, "channels_last")
    importer.add_made(helper.make_node(operator, [x, *node.input[1:]], [y], **given))
    if is_last:
        rules.add("Transpose", y, output=output, perm=[0, *range(2, rank), 1])


def _same(importer: Importer, node: NodeProto) -> None:
    """An operator that ONNX has as well."""
    new = NodeProto()
    new.CopyFrom(node)
    new.domain = ""
    importer.add_made(new)


CONTRIBUTED: dict[str, Expansion] = {
    "FusedConv": expand_fused_conv,
    "FusedGemm": expand_fused_gemm,
    "EmbedLayerNormalization": expand_embed_layer_normalization,
    "MatMulNBits": expand_matmul_nbits,
    "GatherBlockQuantized": expand_gather_block_quantized,
    "NhwcMaxPool": partial(_channels_last, "MaxPool"),
    "QLinearConv": partial(_channels_last, "QLinearConv"),
    **dict.fromkeys(("GridSample", "Trilu", "GatherND"), _same),
}
"""What expands an operator that onnxruntime adds."""
