"""Sizes that depend on data: such a tensor has as many elements as it may have, and says how many of them exist.

What exists comes first along one axis; the rest is anything. The rules for operators are in `operators`,
those that make such tensors in `selection`.
"""
