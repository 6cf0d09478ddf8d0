"""Einsum against onnxruntime: contractions on the matrix primitive, the rest by views, sums and maps."""

import numpy as np
import pytest

from tests.tools.onnx.levels import agree, floats, model_of, node

SIZES = {"i": 3, "j": 4, "k": 5, "b": 2, "h": 3, "s": 4, "t": 5, "d": 6, "1": 1}


@pytest.mark.parametrize(
    ("equation", "axes", "macs"),
    [
        ("ij,jk->ik", ["ij", "jk"], 60),
        ("ij,jk", ["ij", "jk"], 60),
        ("bhsd,bhtd->bhst", ["bhsd", "bhtd"], 720),
        ("bsd,htd->bhst", ["bsd", "htd"], 720),
        ("bij,bjk->bki", ["bij", "bjk"], 120),
        ("i,i->", ["i", "i"], 3),
        ("ij,ij->", ["ij", "ij"], 12),
        ("...ij,jk->...ik", ["bhij", "jk"], 360),
        ("...ij,...jk->...ik", ["bij", "1jk"], 120),
        ("ij,jk,ks->is", ["ij", "jk", "ks"], 120),
        ("ijk,jd->d", ["ijk", "jd"], 24),
        ("bi,bi->b", ["bi", "bi"], 6),
        ("ii->i", ["ii"], 0),
        ("bii,i->b", ["bii", "i"], 6),
        ("bij->ji", ["bij"], 0),
        ("ij->", ["ij"], 0),
        ("i,j->ij", ["i", "j"], 12),
        ("bij,bij->bij", ["bij", "bij"], 0),
        ("bi , ji -> bj", ["bi", "ji"], 24),
    ],
)
def test_equations(equation: str, axes: list[str], macs: int):
    inputs = {
        name: floats(seed, *(SIZES[axis] for axis in each))
        for seed, (name, each) in enumerate(zip("abc", axes, strict=False))
    }
    nodes = [node("Einsum", "".join(inputs), equation=equation)]
    report = agree(model_of(nodes, inputs, ["y"]), inputs, rtol=1e-4, atol=1e-5)
    assert report.macs == macs


def test_a_constant_operand():
    a, w = floats(1, 2, 4, 6), floats(2, 3, 6, 5)
    nodes = [node("Einsum", "aw", equation="bsd,hdt->bhst")]
    report = agree(model_of(nodes, {"a": a}, ["y"], {"w": w}), {"a": a}, rtol=1e-4, atol=1e-5)
    assert report.macs == np.einsum("bsd,hdt->bhst", a, w).size * 6
