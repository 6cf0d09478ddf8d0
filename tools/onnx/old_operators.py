"""Operators of the sets before 7, whose attributes said what shapes and inputs say since."""

from __future__ import annotations

from onnx import NodeProto, TensorProto, helper

from xnn.tools.onnx.expansion import Importer, add, constant

OLDEST_OPSET = 7
"""The operator set that nodes of older ones are brought to."""

DROPPED = ("consumed_inputs", "is_test", "broadcast", "spatial")
"""Attributes that say nothing about the results."""
BROADCASTING = ("Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less")


def _aligned(importer: Importer, node: NodeProto, axis: int) -> None:
    """The second input with the dimensions that it has from `axis` of the first on."""
    shapes = [importer.shape_of(name) for name in node.input[:2]]
    behind = len(shapes[0]) - axis - len(shapes[1])
    if behind > 0:
        axes = constant(importer, node.input[1], range(len(shapes[1]), len(shapes[1]) + behind))
        node.input[1] = add(
            importer, "Unsqueeze", [node.input[1], axes], importer.unique(node.input[1])
        )


def modernised(importer: Importer, node: NodeProto) -> NodeProto:
    """A node of an older operator set as one of OLDEST_OPSET."""
    result = NodeProto.FromString(node.SerializeToString())
    attributes = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    for name in DROPPED:
        attributes.pop(name, None)
    if node.op_type in BROADCASTING and (axis := attributes.pop("axis", None)) is not None:
        _aligned(importer, result, axis % max(1, len(importer.shape_of(node.input[0]))))
    if node.op_type == "PRelu":  # one slope a channel
        _aligned(importer, result, 1)
    if node.op_type == "Reshape" and "shape" in attributes:
        result.input.append(constant(importer, node.output[0], attributes.pop("shape")))
    if node.op_type == "Concat":
        attributes.setdefault("axis", 1)
    if node.op_type == "Pad" and "paddings" in attributes:
        attributes["pads"] = attributes.pop("paddings")
    if node.op_type == "Cast" and isinstance(to := attributes["to"], bytes):
        attributes["to"] = TensorProto.DataType.Value(to.decode())
    del result.attribute[:]
    result.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
    return result
