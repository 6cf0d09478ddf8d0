"""The pass `propagate-transposes` on random attention and random chains: the same numbers, with axes in any order."""

from collections.abc import Sequence
from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import ModuleOp, TensorType, i8
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


def _tensor(sizes: Sequence[int], element: str = "f32") -> str:
    return f"tensor<{'x'.join(map(str, [*sizes, element]))}>"


class _Chain:
    """Operators one after the other on images, whose axes are seen in one order and another."""

    def __init__(self, data: st.DataObject):
        self.text, self.data = _Text(), data
        self.sizes: tuple[int, ...] = (2, 3, 4, 6)
        self.value = self.text.argument(_tensor(self.sizes))

    def step(self) -> None:
        """One of the operators that keep an order of axes, or change it."""
        kinds = (
            "relu",
            "factor",
            "normalize",
            "rounded",
            "transpose",
            "transpose",
            "join",
            "split",
            "gemm",
        )
        getattr(self, f"_{self.data.draw(st.sampled_from(kinds))}")()

    def add(self, form: str, *operands: str, sizes: Sequence[int] | None = None) -> None:
        """An operator of the value and others, whose result has these sizes, or the same."""
        sizes = tuple(sizes or self.sizes)
        types = [_tensor(self.sizes), *(self.text.arguments[each] for each in operands)]
        form = form.replace("(types)", f"({', '.join(types)}) -> {_tensor(sizes)}")
        values = ", ".join((self.value, *operands))
        self.value = self.text.add(
            form.replace("{", "{{").replace("}", "}}").replace("(y)", "{y}").replace("(x)", values)
        )
        self.sizes = sizes

    def _along(self, axis: int) -> str:
        """A factor for each element along an axis."""
        return self.text.argument(_tensor([self.sizes[axis], *[1] * (len(self.sizes) - 1 - axis)]))

    def _axis(self) -> int:
        return self.data.draw(st.integers(0, len(self.sizes) - 1))

    def _relu(self) -> None:
        self.add('xnn.relu "(y)" (x) : (types)')

    def _factor(self) -> None:
        self.add('xnn.mul "(y)" (x) : (types)', self._along(self._axis()))

    def _normalize(self) -> None:
        axis, type = self._axis(), _tensor(self.sizes)
        scale = self._along(axis)
        form = f'xnn.normalize "(y)" {self.value} scale {scale} : {self.text.arguments[scale]}'
        properties = f"{{axes = array<i64: {axis}>, epsilon = 1.0e-5 : f32}}"
        self.value = self.text.add(f"{form} {{{properties}}} : {type}".replace("(y)", "{y}"))

    def _rounded(self) -> None:
        """Rounded with a scale for each element along an axis."""
        axis, type, rounded = self._axis(), _tensor(self.sizes), _tensor(self.sizes, "i8")
        one = f"tensor<{self.sizes[axis]}xf32>"
        scale, zero = self.text.argument(one), self.text.argument(one.replace("f32", "i8"))
        properties = f"{{{{axis = {axis} : i64}}}}"
        types = f"{one}, {one.replace('f32', 'i8')}"
        q = self.text.add(
            f'xnn.quantize "{{y}}" {self.value}, {scale}, {zero} {properties} : ({type}, {types}) -> {rounded}'
        )
        self.value = self.text.add(
            f'xnn.dequantize "{{y}}" {q}, {scale}, {zero} {properties} : ({rounded}, {types}) -> {type}'
        )

    def _transpose(self) -> None:
        perm = self.data.draw(st.permutations(range(len(self.sizes))))
        properties = f"{{perm = array<i64: {', '.join(map(str, perm))}>}}"
        self.add(
            f'xnn.transpose "(y)" (x) {properties} : (types)', sizes=[self.sizes[i] for i in perm]
        )

    def _reshape(self, sizes: Sequence[int]) -> None:
        shape = f"{{shape = array<i64: {', '.join(map(str, sizes))}>}}"
        self.add(f'xnn.reshape "(y)" (x) {shape} : (types)', sizes=sizes)

    def _join(self) -> None:
        if len(self.sizes) > 1:
            axis = self.data.draw(st.integers(0, len(self.sizes) - 2))
            joined = self.sizes[axis] * self.sizes[axis + 1]
            self._reshape((*self.sizes[:axis], joined, *self.sizes[axis + 2 :]))

    def _split(self) -> None:
        axis = self._axis()
        parts = [n for n in range(1, self.sizes[axis] + 1) if self.sizes[axis] % n == 0]
        part = self.data.draw(st.sampled_from(parts))
        self._reshape((*self.sizes[:axis], part, self.sizes[axis] // part, *self.sizes[axis + 1 :]))

    def _gemm(self) -> None:
        *rows, columns = self.sizes
        self._reshape((prod(rows), columns))
        turned, addend = self.data.draw(st.booleans()), self.data.draw(st.booleans())
        operands = [self.text.argument(_tensor((5, columns) if turned else (columns, 5)))]
        operands += [self.text.argument("tensor<5xf32>")] if addend else []
        properties = (
            f"alpha = 1.0 : f32, beta = 1.0 : f32, trans_a = false, trans_b = {str(turned).lower()}"
        )
        self.add(f'xnn.gemm "(y)" (x) {{{properties}}} : (types)', *operands, sizes=(prod(rows), 5))


@examples(200)
@given(st.data(), st.integers(1, 9))
def test_random_chains(data, count):
    chain = _Chain(data)
    for _ in range(count):
        chain.step()
    module = chain.text.module(chain.value, _tensor(chain.sizes))
    rng = np.random.default_rng(0)
    types = [each.type for each in main_function(module).body.block.args]
    inputs = tuple(
        np.zeros(type.get_shape(), np.int8)
        if type.element_type == i8
        else rng.uniform(0.5, 1.5, type.get_shape()).astype(np.float32)
        for type in types
        if isinstance(type, TensorType)
    )
    before = sum(isinstance(op, TransposeOp) for op in module.walk())
    (expected,) = interpreter_of(module, WeightStore()).call_op("main", inputs)
    pass_named("propagate-transposes")().apply(make_context(), module)
    module.verify()
    (found,) = interpreter_of(module, WeightStore()).call_op("main", inputs)
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    assert sum(isinstance(op, TransposeOp) for op in module.walk()) <= before
