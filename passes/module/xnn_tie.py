"""The pass `xnn-tie`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, DictionaryAttr, ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.dialects.names import name_in_ir, shown_name
from xnn.dialects.xnn.interface import STATE, argument_names, main_function, result_names


def _listed(names: list[str]) -> str:
    return ", ".join(map(shown_name, names)) or "none"


@dataclass(frozen=True)
class XnnTie(ModulePass):
    """Makes an input of the network state: `state="INPUT=OUTPUT"` ties it to the output that is its next value.

    ```mlir
    func.func @main(%past : tensor<1x64xf32> {xnn.name = "past"}) -> (tensor<1x64xf32> {xnn.name = "present"})
    ```
    becomes with state="past=present"
    ```mlir
    func.func @main(%past : tensor<1x64xf32> {xnn.name = "past", xnn.state = "present"}) -> (...)
    ```
    """

    name = "xnn-tie"

    state: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        main = main_function(op)
        inputs, outputs = argument_names(main), result_names(main)
        parts = self.state.split("=")  # names may have a "=" of their own
        splits = (("=".join(parts[:i]), "=".join(parts[i:])) for i in range(1, len(parts)))
        pairs = [tuple(map(name_in_ir, pair)) for pair in splits]
        found = [pair for pair in pairs if pair[0] in inputs and pair[1] in outputs]
        if not found:
            raise UserError(
                f"cannot tie {self.state}: expected INPUT=OUTPUT of this network",
                hint=f"inputs are {_listed(inputs)}; outputs are {_listed(outputs)}",
            )
        ((argument, result),) = found[:1]
        attributes = list(main.arg_attrs or [DictionaryAttr({})] * len(main.args))
        number = inputs.index(argument)
        entries = {**attributes[number].data, STATE: StringAttr(result)}
        attributes[number] = DictionaryAttr(entries)
        main.arg_attrs = ArrayAttr(attributes)
