import pytest


@pytest.mark.parametrize("trans_a", [0, 1])
@pytest.mark.parametrize("trans_b", [0, 1])
@pytest.mark.parametrize("bias", [None, (), (5,), (3, 1), (3, 5)])
def test_gemm(agree, draw, trans_a, trans_b, bias):
    a = draw(4, 3) if trans_a else draw(3, 4)
    b = draw(5, 4) if trans_b else draw(4, 5)
    constants = {"b": b, **({} if bias is None else {"c": draw(*bias)})}
    agree("Gemm", {"a": a}, constants, transA=trans_a, transB=trans_b, alpha=0.5, beta=2.0)


def test_gemm_by_default(agree, draw):
    agree("Gemm", {"a": draw(3, 4)}, {"b": draw(4, 5), "c": draw(5)}, opset=7)


def test_matmul(agree, draw):
    agree("MatMul", {"a": draw(3, 4)}, {"b": draw(4, 5)})
    agree("MatMul", {"a": draw(3, 4), "b": draw(4, 5)})


def test_matmul_of_stacks(agree, draw):
    agree("MatMul", {"a": draw(2, 3, 4)}, {"b": draw(4, 5)})
    agree("MatMul", {"a": draw(2, 3, 4, 5), "b": draw(2, 3, 5, 6)})
