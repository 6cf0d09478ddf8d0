"""ONNX's textual form of a model."""

from __future__ import annotations

import onnx.parser
from onnx import ModelProto

from xnn.dialects.diagnostics import UserError, one_line


def model_of_text(data: bytes, name: str) -> ModelProto:
    """The model that `data`, called `name` in messages, spells; raises UserError if it is none."""
    try:
        return onnx.parser.parse_model(data.decode())
    except (onnx.parser.ParseError, UnicodeDecodeError) as error:
        raise UserError(f"{name}: is no ONNX model in text: {one_line(error)}") from None
