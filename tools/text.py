"""Networks that are text in a string, not in a file."""

from __future__ import annotations

from io import BytesIO

from xdsl.dialects.builtin import ModuleOp

from xnn.tools.api import user_errors
from xnn.tools.parsing import make_context, parse_module


@user_errors()
def parse(text: str) -> ModuleOp:
    """The network that `text` spells, for `compile` and `check`: IR of any level, or ONNX's own text.

    Files of weights are sought from the working folder. Raises UserError with a location.
    """
    if not text.lstrip().startswith("<"):  # the header of ONNX's text; no module begins so
        return parse_module(BytesIO(text.encode()), make_context(), name="text")
    from xnn.tools.onnx.importer import Importer  # text of ours need not wait for the onnx package
    from xnn.tools.onnx.model import open_bytes
    from xnn.tools.onnx.text import model_of_text

    model = model_of_text(text.encode(), "text")
    return Importer(open_bytes(model.SerializeToString(), "text"), ()).module()
