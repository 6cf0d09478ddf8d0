"""Names in the IR: of tensors of the network, and of parts that passes make on the way to them.

`PART` stands between the two. Where it is in a tensor's own name it stands twice in the IR, so that
no part has the name of a tensor.
"""

from __future__ import annotations

import re

PART = "#"


def name_in_ir(tensor: str) -> str:
    """The name in the IR of a tensor of the network."""
    return tensor.replace(PART, 2 * PART)


def split_name(name: str) -> tuple[str, str]:
    """The name in the IR of the tensor that `name` belongs to, and the part that it names, "" for the tensor itself."""
    match = re.match("((?:[^#]|##)*)(?:#(.*))?", name, re.DOTALL)
    assert match is not None
    return match[1], match[2] or ""


def shown_name(name: str) -> str:
    """`name` as the user knows it."""
    tensor, part = split_name(name)
    tensor = tensor.replace(2 * PART, PART)
    return f"{tensor}{PART}{part}" if part else tensor


def part_name(name: str, part: str) -> str:
    """The name of `part` of what is called `name`, which may be a part itself."""
    tensor, own = split_name(name)
    return f"{tensor}{PART}{own}_{part}" if own else f"{tensor}{PART}{part}"
