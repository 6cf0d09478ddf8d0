"""What rules for such tensors build with: nodes of ONNX on all elements, existing ones told from others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import NodeProto, TensorProto, helper
from xdsl.ir import Attribute
from xdsl.rewriter import InsertPoint

from xnn.dialects.names import name_in_ir
from xnn.dialects.xnn import NetworkOperation
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.expansion import Importer, add, constant
from xnn.tools.onnx.sizes.numbers import Numbers, Sized, Symbol, most, numbers_of
from xnn.tools.onnx.tensors import Unsupported


class Rules:
    """Builds what takes the place of a node."""

    def __init__(self, importer: Importer, node: NodeProto):
        self.importer = importer
        self.node = node
        self.sizes = importer.data_sizes
        self.attributes: dict[str, Any] = {
            each.name: helper.get_attribute_value(each)
            for each in node.attribute
            if not each.ref_attr_name
        }

    # what is known

    def sized(self, place: int) -> Sized | None:
        """The size of input `place` that depends on data."""
        return self.sizes.of.get(self.name(place))

    def name(self, place: int) -> str:
        return self.node.input[place] if place < len(self.node.input) else ""

    def shape(self, place: int) -> tuple[int, ...]:
        return self.importer.shape_of(self.name(place))

    def numbers(self, name: str) -> Numbers | None:
        return numbers_of(name, self.sizes, self.importer.constants)

    def axis(self, rank: int, default: int = 0) -> int:
        axis = self.attributes.get("axis", default)
        if not -rank <= axis < rank:
            raise Unsupported(f"axis {axis} is not one of {rank} axes")
        return axis % rank

    # nodes

    def add(self, operator: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        """The output of a node more."""
        name = output or self.importer.unique(f"{self.node.output[0]}/{operator}")
        added = add(self.importer, operator, inputs, name, **attributes)
        if name in self.importer.lost:
            raise Unsupported(f"{operator}, which it needs, is not supported")
        return added

    def constant(self, value: object, dtype: Any = np.int64) -> str:
        return constant(self.importer, f"{self.node.output[0]}/constant", np.asarray(value, dtype))

    def plain(self, name: str) -> str:
        """All elements of a tensor, existing or not."""
        if name not in self.sizes.of:
            return name
        new = self.importer.unique(f"{name}/all")
        self.importer.values[new] = self.importer.value(name)
        return new

    def scalar(self, number: int | Symbol, shape: Sequence[int] = ()) -> str:
        """A tensor of i64 that is a number."""
        if not isinstance(number, Symbol):
            return self.constant(np.full(shape, number))
        key = ("scalar", number, tuple(shape))
        if key not in self.sizes.made:
            dims = self.constant(np.array(shape, np.int64))
            flat = self.add("Cast", self.plain(number.name), to=TensorProto.INT64)
            self.sizes.made[key] = self.add("Reshape", flat, dims)
        return self.sizes.made[key]

    def exists(self, bound: int, count: int | Symbol) -> str:
        """Booleans, of which the first `count` of `bound` are true."""
        key = ("exists", bound, count)
        if key not in self.sizes.made:
            number = self.add("Cast", self.scalar(count, (1,)), to=TensorProto.INT32)
            places = self.constant(np.arange(bound), np.int32)
            self.sizes.made[key] = self.add("Less", places, number)
        return self.sizes.made[key]

    def filled(self, name: str, fill: float | None) -> str:
        """All elements of a tensor, `fill` in place of those that do not exist."""
        if (sized := self.sizes.of.get(name)) is None:
            return name
        shape, dtype = self.importer.shape_of(name), self.importer.dtype_of(name)
        mask = self.exists(shape[sized.axis], sized.count)
        after = len(shape) - sized.axis - 1
        if after:
            mask = self.add("Reshape", mask, self.constant([-1, *[1] * after]))
        return self.add("Where", mask, self.plain(name), self.constant(fill, dtype))

    def build(
        self,
        operator: type[NetworkOperation],
        inputs: Sequence[str],
        properties: Mapping[str, Attribute],
        part: str,
    ) -> str:
        """The output of an operator of ours."""
        name = self.importer.unique(f"{self.node.output[0]}/{part}")
        place = Parts(name_in_ir(name), InsertPoint.at_end(self.importer.block))
        operands = [self.importer.value(each) for each in inputs]
        self.importer.define(name, place.build(operator, operands, properties))
        return name

    def again(self, inputs: Sequence[str], sized: Sized | None = None) -> None:
        """The node itself with other inputs; what its outputs' size is."""
        new = NodeProto()
        new.CopyFrom(self.node)
        del new.input[:]
        new.input.extend(inputs)
        outputs = [name for name in new.output if name]
        self.importer.add_plain(new, outputs)
        if sized is not None:
            self.has_size(sized, outputs)

    def has_size(self, sized: Sized, outputs: Sequence[str] = ()) -> None:
        self.sizes.of.update(dict.fromkeys(outputs or self.node.output, sized))

    def once(self, key: object, make: Callable[[], Any]) -> Any:
        """What has been made of the same before, or is made now."""
        if key not in self.sizes.made:
            self.sizes.made[key] = make()
        return self.sizes.made[key]

    def first(self, data: str, k: int, least: bool = False) -> tuple[str, str]:
        """The first k of a tensor along its last axis, the largest or the least, and their indices."""
        names = [self.importer.unique(f"{self.node.output[0]}/{part}") for part in ("first", "at")]
        inputs = [data, self.constant([k])]
        node = helper.make_node("TopK", inputs, names, axis=-1, largest=int(not least))
        self.importer.add_made(node)
        return names[0], names[1]

    def positions(self, mask: str, length: int) -> tuple[str, Symbol]:
        """The positions at which booleans [length] are true come first, in order; how many there are."""
        numbers = self.add("Cast", mask, to=TensorProto.INT32)
        _, order = self.first(numbers, length)
        return order, self.number_of(mask, length)

    def number_of(self, mask: str, length: int) -> Symbol:
        """How many booleans [length] are true."""
        wide = self.add("Cast", mask, to=TensorProto.INT64)
        return Symbol(self.add("ReduceSum", wide, keepdims=0), length)

    def least_of(self, one: int | Symbol, other: int | Symbol) -> int | Symbol:
        """The lesser of two numbers."""
        for value, against in ((one, other), (other, one)):
            if value == against or isinstance(against, int) and most(value) <= against:
                return value
        key = ("least", one, other)
        name = self.once(key, lambda: self.add("Min", self.scalar(one), self.scalar(other)))
        return Symbol(name, min(most(one), most(other)))


class Plain(Exception):
    """The node is imported as all others are."""


Rule = Callable[[Rules], None]


def registers(rules: dict[str, Rule], *operators: str) -> Callable[[Rule], Rule]:
    """Registers a rule for operators."""

    def register(function: Rule) -> Rule:
        rules.update(dict.fromkeys(operators, function))
        return function

    return register
