"""Operators of one's own: Python functions on NumPy arrays, for nodes of an ONNX domain.

    @xnn.operator("custom.domain", "Clamp")
    def clamp(x, *, limit=1.0):
        return x.clip(-limit, limit)

A function gets an array for each input of the node, None for one that is left out, and the node's
attributes by name; it returns an array, or a tuple with one for each output. A package registers those of
a domain by the entry point of that name in the group `xnn.operators`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.xnn.onnx import of_onnx
from xnn.runtime.extensions import load_extension

Type = tuple[DTypeLike, Sequence[int]]
"""Of a tensor: its elements, and its shape."""

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


@dataclass(frozen=True)
class PythonOperator:
    """The operator `domain::name`, computed by `function`.

    `infer` gets the type of each input, (dtype, shape) or None, and the attributes, and returns the type
    of the result, or a list of those of several. Without it the types are those that the function
    returns for arrays of zeros.
    """

    domain: str
    name: str
    function: Callable[..., Any]
    infer: Callable[..., Any] | None = None

    def results(
        self, operands: Sequence[np.ndarray | None], attributes: dict[str, Any], count: int
    ) -> list[np.ndarray]:
        """What the function returns; raises UserError if it fails, or returns less than `count` arrays."""
        returned = self._call("function", self.function, operands, attributes)
        several = isinstance(returned, tuple | list)
        found = [np.asarray(e) for e in self._counted(returned, several, count, "function")]
        if wrong := [each for each in found[:count] if each.dtype.kind in "OUS"]:
            raise UserError(f"its function returns {wrong[0]!s:.80}, expected an array")
        return found

    def types(
        self, operands: Sequence[np.ndarray | None], attributes: dict[str, Any], count: int
    ) -> list[tuple[np.dtype, tuple[int, ...]]]:
        """The types of the results for operands of which only the types count; raises UserError."""
        if self.infer is None:
            found = self.results(operands, attributes, count)
            if not all(r.size for r in found) and all(o is None or o.size for o in operands):
                raise UserError(
                    "its function returns no elements for zeros: the shape must not depend on data",
                    hint="infer=... says the types of results",
                )
            return [(result.dtype, result.shape) for result in found]
        given = [None if each is None else (each.dtype, each.shape) for each in operands]
        returned = self._call("infer", self.infer, given, attributes)
        found = self._counted(returned, isinstance(returned, list), count, "infer")
        try:
            return [(np.dtype(kind), tuple(map(int, shape))) for kind, shape in found]
        except (TypeError, ValueError):
            raise UserError(
                f"infer returns {found}, expected (dtype, shape) for each result"
            ) from None

    def _call(
        self,
        what: str,
        function: Callable[..., Any],
        operands: Sequence[Any],
        attributes: dict[str, Any],
    ) -> Any:
        try:
            return function(*operands, **attributes)
        except Exception as error:  # a function of the user may raise anything
            message = f"its {what} raises {type(error).__name__}: {one_line(error)}"
            raise UserError(message) from error

    def _counted(self, returned: Any, several: bool, count: int, what: str) -> list[Any]:
        found = list(returned) if several else [returned]
        if len(found) < count:
            raise UserError(f"its {what} returns {len(found)} result(s), expected {count}")
        return found


_OPERATORS: dict[tuple[str, str], PythonOperator] = {}


def operator(
    domain: str, name: str, *, infer: Callable[..., Any] | None = None
) -> Callable[[FunctionT], FunctionT]:
    """Registers a function as the ONNX operator `domain::name`, in place of one that has been registered.

    It runs on general compute. `infer` says the types of the results, see PythonOperator. Raises UserError
    for ONNX's own domains.
    """
    if of_onnx(domain):
        raise UserError(f"domain '{domain}' is ONNX's: an operator of your own needs another one")

    def register(function: FunctionT) -> FunctionT:
        _OPERATORS[domain, name] = PythonOperator(domain, name, function, infer)
        return function

    return register


@cache
def _load(domain: str) -> None:
    load_extension("xnn.operators", domain)


def python_operator(domain: str, name: str) -> PythonOperator | None:
    """The operator of that name, if a function or a package has been registered for it."""
    if domain and (domain, name) not in _OPERATORS:
        _load(domain)
    return _OPERATORS.get((domain, name))
