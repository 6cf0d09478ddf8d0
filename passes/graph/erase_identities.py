"""Operators that change nothing disappear, and chains of reshapes or of transposes become one."""

from __future__ import annotations

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass

from xnn.dialects import xnn
from xnn.passes.graph.building import Replacement, erase, network_operations


def _merge_reshape(node: xnn.ReshapeOp) -> None:
    """Reshape from before the reshape that `node` follows, if any; not at all if that is the shape already."""
    inner = node.x.owner if isinstance(node.x.owner, xnn.ReshapeOp) else None
    source = inner.x if inner else node.x
    shape = xnn.shape_of(node.result)
    if source.type == node.result.type:
        _replace(node, inner, source)
    elif inner and shape.count(xnn.DYNAMIC) <= 1:
        target = xnn.integers(-1 if size == xnn.DYNAMIC else size for size in shape)
        new = Replacement(node).build(
            xnn.ReshapeOp, [source], {"shape": target}, layers=_layers(node, inner)
        )
        _replace(node, inner, new)


def _merge_transpose(node: xnn.TransposeOp) -> None:
    """Transpose from before the transpose that `node` follows, if any; not at all if all axes are in place."""
    inner = node.x.owner if isinstance(node.x.owner, xnn.TransposeOp) else None
    source, perm = node.x, node.perm.get_values()
    if inner:
        source, first = inner.x, inner.perm.get_values()
        perm = [first[axis] for axis in perm]
    if list(perm) == sorted(perm):
        _replace(node, inner, source)
    elif inner:
        new = Replacement(node).build(
            xnn.TransposeOp, [source], {"perm": xnn.integers(perm)}, layers=_layers(node, inner)
        )
        _replace(node, inner, new)


def _layers(node: xnn.NetworkOperation, inner: xnn.NetworkOperation) -> tuple[str, ...]:
    """The layers of what stands for both operators, if nothing else needs the inner one."""
    taken_in = inner.all_names if inner.result.has_one_use() else ()
    return (*taken_in, *node.layer_names)


def _replace(
    node: xnn.NetworkOperation, inner: xnn.NetworkOperation | None, value: SSAValue
) -> None:
    """Put `value` in the place of `node`, and erase `inner` if nothing else needs it."""
    Replacement(node).take(value)
    if inner and not inner.result.uses:
        erase(inner)


class EraseIdentities(ModulePass):
    """Erase dropout, identity, and reshapes and transposes without effect; merge chains of the last two.

    ```mlir
    %a = xnn.dropout "a" %x {ratio = 0.5 : f32} : (tensor<2x8x1x1xf32>) -> tensor<2x8x1x1xf32>
    %b = xnn.reshape "b" %a {shape = array<i64: 16>} : (tensor<2x8x1x1xf32>) -> tensor<16xf32>
    %c = xnn.reshape "c" %b {shape = array<i64: 2, 8>} : (tensor<16xf32>) -> tensor<2x8xf32>
    ```
    becomes
    ```mlir
    %c = xnn.reshape "c" %x {shape = array<i64: 2, 8>} : (tensor<2x8x1x1xf32>) -> tensor<2x8xf32>
    ```
    """

    name = "erase-identities"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in network_operations(op):
            if isinstance(node, xnn.DropoutOp | xnn.IdentityOp):
                Replacement(node).take(node.x)
            elif isinstance(node, xnn.ReshapeOp):
                _merge_reshape(node)
            elif isinstance(node, xnn.TransposeOp):
                _merge_transpose(node)
