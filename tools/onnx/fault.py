"""What keeps a model from being imported."""

from __future__ import annotations

from dataclasses import dataclass

from onnx import NodeProto

from xnn.tools.onnx.graph import describe


@dataclass(frozen=True)
class Fault:
    """What keeps a model from being imported: a node that is not supported, or a tensor.

    `message` says all of it, `reason` what is wrong with `what`: a name, "input x", "tensor w".
    """

    what: str
    node: NodeProto | None
    message: str

    @property
    def reason(self) -> str:
        start = self.what if self.node is None else describe(self.node)
        return self.message.removeprefix(start).lstrip(": ")
