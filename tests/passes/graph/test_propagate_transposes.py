"""The pass `propagate-transposes` on random attention: the same numbers, with axes in any order."""

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from tests.samples import examples
from xnn.dialects.xnn import EinsumOp, TransposeOp, shape_of
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics.interpret import interpreter_of
from xnn.tools.parsing import make_context

SIZES = {"b": 3, "m": 7, "n": 5, "k": 4, "d": 2}
STEPS = {
    "relu": 'xnn.relu "{y}" {x} : ({t}) -> {t}',
    "scale": 'xnn.mul "{y}" {x}, %one : ({t}, tensor<1xf32>) -> {t}',
    "columns": 'xnn.mul "{y}" {x}, %last : ({t}, tensor<{last}xf32>) -> {t}',
    "rows": 'xnn.add "{y}" {x}, %rows : ({t}, tensor<{rows}x1xf32>) -> {t}',
    "softmax": 'xnn.softmax "{y}" {x} {{axis = {axis} : i64}} : ({t}) -> {t}',
}


def _type(term: str) -> str:
    return f"tensor<{'x'.join(str(SIZES[label]) for label in term)}xf32>"


class _Text:
    """The lines of a function, and the types of its arguments."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.arguments: dict[str, str] = {}

    def argument(self, type: str) -> str:
        name = f"%a{len(self.arguments)}"
        self.arguments[name] = type
        return name

    def add(self, form: str, **values: str) -> str:
        name = f"v{len(self.lines)}"
        self.lines.append(f"%{name} = {form.format(y=name, **values)}")
        return f"%{name}"

    def steps(self, x: str, term: str, steps: Sequence[str]) -> str:
        """Operators one after the other on a value."""
        for step in steps:
            last, rows, axis = str(SIZES[term[-1]]), str(SIZES[term[-2]]), str(len(steps) % 3)
            form = STEPS[step]
            for operand, type in (("%one", "1"), ("%last", last), ("%rows", f"{rows}x1")):
                if operand in form:
                    form = form.replace(operand, self.argument(f"tensor<{type}xf32>"))
            x = self.add(form, x=x, t=_type(term), last=last, rows=rows, axis=axis)
        return x

    def transposed(self, x: str, term: str, goal: str) -> str:
        perm = ", ".join(str(term.index(label)) for label in goal)
        types = f"({_type(term)}) -> {_type(goal)}"
        return self.add(f'xnn.transpose "{{y}}" {x} {{{{perm = array<i64: {perm}>}}}} : {types}')

    def product(self, a: str, b: str, terms: Sequence[str]) -> str:
        one, other, out = terms
        types = f"({_type(one)}, {_type(other)}) -> {_type(out)}"
        equation = f'{{{{equation = "{one},{other}->{out}"}}}}'
        return self.add(f'xnn.einsum "{{y}}" {a}, {b} {equation} : {types}')

    def module(self, result: str, type: str) -> ModuleOp:
        arguments = ", ".join(f"{name} : {each}" for name, each in self.arguments.items())
        body = "\n".join((*self.lines, f"func.return {result} : {type}"))
        text = f"func.func @main({arguments}) -> {type} {{\n{body}\n}}"
        return Parser(make_context(), text).parse_module()


def _order(labels: str) -> st.SearchStrategy[str]:
    return st.permutations(labels).map("".join)


_STEPS = st.lists(st.sampled_from(sorted(STEPS)), max_size=3)


@examples(100)
@given(
    st.lists(_order("bmk"), min_size=2, max_size=2),
    _order("bnk"),
    _order("bmn"),
    _order("bnd"),
    _order("bmd"),
    st.lists(_STEPS, min_size=2, max_size=2),
)
def test_random_attention(queries, keys, scores, values, result, steps):
    text = _Text()
    lies, term = queries
    q, k, v = (text.argument(_type(each)) for each in (lies, keys, values))
    q = text.steps(text.transposed(q, lies, term), term, steps[0])
    p = text.steps(text.product(q, k, (term, keys, scores)), scores, steps[1])
    module = text.module(text.product(p, v, (scores, values, result)), _type(result))
    rng = np.random.default_rng(0)
    shapes = [shape_of(each) for each in main_function(module).body.block.args]
    inputs = tuple(rng.standard_normal(shape, dtype=np.float32) for shape in shapes)
    (expected,) = interpreter_of(module, WeightStore()).call_op("main", inputs)
    pass_named("propagate-transposes")().apply(make_context(), module)
    module.verify()
    (found,) = interpreter_of(module, WeightStore()).call_op("main", inputs)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert sum(isinstance(op, EinsumOp) for op in module.walk()) == 2
    assert not any(isinstance(op, TransposeOp) for op in module.walk()) or len(steps[0]) == 0
