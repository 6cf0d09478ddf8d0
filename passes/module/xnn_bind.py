"""Sizes for dimensions of unknown size."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from xdsl.context import Context
from xdsl.dialects.builtin import (
    ArrayAttr,
    DictionaryAttr,
    FunctionType,
    ModuleOp,
    StringAttr,
    TensorType,
)
from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.utils.exceptions import VerifyException

from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn import DYNAMIC, NetworkOperation, shape_of
from xnn.dialects.xnn.interface import DIMS, argument_names, dimension_names, main_function
from xnn.dialects.xnn.operation import shown

Inputs = Mapping[str, Sequence[tuple[str, int]]]
"""For each input the names and sizes of its dimensions; "" where it has no name."""


def require_static(module: ModuleOp) -> None:
    """Raises UserError if a dimension of the network is not bound."""
    main = main_function(module)
    unbound = {
        name or f"{argument}_{i}": None
        for argument, value, names in zip(argument_names(main), main.args, dimension_names(main))
        for i, size in enumerate(shape_of(value))
        if size == DYNAMIC
        for name in (names[i] if i < len(names) else "",)
    }
    if unbound:
        flags = " ".join(f"--bind {quote(name)}=..." for name in unbound)
        raise UserError(
            f"the size of dimension {', '.join(unbound)} is not known", hint=f"say {flags}"
        )


def _sizes(dims: str, known: Collection[str]) -> dict[str, int]:
    """The sizes in "N=1,M=2"; a `known` name may contain any of these characters if it stands alone."""
    alone = dims.rpartition("=")[0] in known
    sizes = {}
    for item in [dims] if alone else filter(None, (part.strip() for part in dims.split(","))):
        name, _, size = item.rpartition("=")
        if not (name and size.isascii() and size.isdecimal()):
            raise UserError(f"cannot bind {item}", hint="expected NAME=SIZE, a size of 0 or more")
        sizes[name] = int(size)
    return sizes


def bound(binds: Sequence[XnnBind], inputs: Inputs) -> tuple[dict[str, int], dict[str, list[int]]]:
    """The sizes of dimensions by name, and the shapes of all inputs; raises UserError for a size that does not fit."""
    sizes, shapes, named = dict[str, int](), dict[str, list[int]](), dict[str, int]()
    for bind in binds:
        named |= bind.named(inputs)
        sizes |= bind.sizes(inputs)
        shapes |= bind.shapes(inputs)
    for name, shape in shapes.items():
        for (dim, _), size in zip(inputs[name], shape, strict=True):
            if named.get(dim, size) != size:
                raise UserError(
                    f"dimension {dim} is bound to {named[dim]}, but input {name} of shape "
                    f"{shown(shape)} makes it {size}"
                )
    by_name = {n: [sizes.get(dim, s) for dim, s in dims] for n, dims in inputs.items()}
    return sizes, by_name | shapes


def _set_type(value: SSAValue, shape: list[int]) -> None:
    """Give `value` another shape."""
    type = value.type
    assert isinstance(type, TensorType)
    if type.get_shape() != tuple(shape):
        Rewriter.replace_value_with_new_type(value, TensorType(type.element_type, shape))


def _named(names: Sequence[str], argument: SSAValue) -> list[tuple[str, int]]:
    """Names and sizes of the dimensions of an argument, which may have no names."""
    shape = shape_of(argument)
    return [*zip([*names, *[""] * (len(shape) - len(names))], shape, strict=True)]


def _bind_arguments(main: FuncOp, bind: XnnBind) -> None:
    """Give the dimensions of the arguments their sizes; raises UserError for a name that no dimension has."""
    dimensions = dimension_names(main)
    arguments = zip(argument_names(main), main.args, dimensions)
    _, shapes = bound([bind], {n: _named(d, arg) for n, arg, d in arguments})
    attributes = []
    for argument, names, shape, each in zip(
        tuple(main.args), dimensions, shapes.values(), main.arg_attrs or ()
    ):
        _set_type(argument, shape)
        entries = {key: value for key, value in each.data.items() if key != DIMS}
        if DYNAMIC in shape and names:
            left = [n if size == DYNAMIC else "" for n, size in zip(names, shape, strict=True)]
            entries[DIMS] = ArrayAttr(map(StringAttr, left))
        attributes.append(DictionaryAttr(entries))
    main.arg_attrs = ArrayAttr(attributes)


@dataclass(frozen=True)
class XnnBind(ModulePass):
    """Give the symbolic dimensions of the network their sizes, and infer all types again.

    `dims` lists them by name, "N=1,M=2"; `shape` is that of an input, "x=1,3,48,192", and gives its names their sizes
    wherever they stand, unless it gives one name two. An ONNX model is imported with these sizes, as what it
    computes from them decides what it is.

    ```mlir
    func.func @main(%x : tensor<?x8xf32> {xnn.dims = ["N", ""], xnn.name = "x"}) -> (tensor<?x8xf32> {...}) {
      %y = xnn.relu "y" %x : (tensor<?x8xf32>) -> tensor<?x8xf32>
      func.return %y : tensor<?x8xf32>
    }
    ```
    becomes with dims="N=2"
    ```mlir
    func.func @main(%x : tensor<2x8xf32> {xnn.name = "x"}) -> (tensor<2x8xf32> {...}) {
      %y = xnn.relu "y" %x : (tensor<2x8xf32>) -> tensor<2x8xf32>
      func.return %y : tensor<2x8xf32>
    }
    ```
    """

    name = "xnn-bind"

    dims: str = ""
    shape: str = ""

    def named(self, inputs: Inputs) -> dict[str, int]:
        """The sizes that `dims` says; raises UserError for a name that nothing has."""
        known = {n: None for dims in inputs.values() for n, size in dims if n and size == DYNAMIC}
        sizes = _sizes(self.dims, known)
        if unknown := [name for name in sizes if name not in known]:
            raise UserError(
                f"the network has no dimension of unknown size called {', '.join(unknown)}",
                hint=f"it has {', '.join(known) or 'none at all'}",
            )
        return sizes

    def sizes(self, inputs: Inputs) -> dict[str, int]:
        """The sizes of dimensions by name, those that `shape` makes among them."""
        sizes = self.named(inputs)
        for name, shape in self.shapes(inputs).items():
            found: dict[str, set[int]] = {}
            for (dim, size), new in zip(inputs[name], shape, strict=True):
                if dim and size == DYNAMIC:
                    found.setdefault(dim, set()).add(new)
            sizes |= {dim: news.pop() for dim, news in found.items() if len(news) == 1}
        return sizes

    def shapes(self, inputs: Inputs) -> dict[str, list[int]]:
        """The whole shape of an input, if this says one; raises UserError if it does not fit."""
        if not self.shape:
            return {}
        name, _, text = self.shape.rpartition("=")
        given = text.split(",")
        if not name or not all(each.isascii() and each.isdigit() for each in given):
            raise UserError(f"cannot read shape {self.shape}", hint="expected NAME=1,3,224,224")
        if name not in inputs:
            hint = f"inputs: {', '.join(inputs) or 'none'}"
            raise UserError(f"the network has no input called {name}", hint=hint)
        has, shape = [size for _, size in inputs[name]], [int(each) for each in given]
        if len(has) != len(shape) or any(
            old not in (DYNAMIC, new) for old, new in zip(has, shape, strict=True)
        ):
            raise UserError(f"input {name} has shape {shown(has)}, which is not {text}")
        return {name: shape}

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        main = main_function(op)
        _bind_arguments(main, self)
        for node in main.walk():
            if isinstance(node, NetworkOperation):
                try:
                    types = node.infer_types()
                except VerifyException as error:
                    raise UserError(f"with {self.dims or self.shape}: {error}") from None
                for result, type in zip(node.results, types, strict=True):
                    _set_type(result, list(type.get_shape()))
        returned = main.body.block.last_op
        assert returned is not None
        inputs = [argument.type for argument in main.args]
        outputs = [value.type for value in returned.operands]
        main.function_type = FunctionType.from_lists(inputs, outputs)
