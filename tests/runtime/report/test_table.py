"""Columns, and names and counts that fit into them."""

import pytest

from xnn.runtime.report.table import NAME_WIDTH, columns, listed, shortened, si


def test_columns_are_as_wide_as_their_widest_cell():
    rows = [("name", "size", ""), ("a", "1,024", "left"), ("longer", "7", "")]
    assert columns(rows, left=(0, 2)) == [
        "name     size",
        "a       1,024  left",
        "longer      7",
    ]


def test_the_end_of_a_long_name_is_kept():
    name = "features.denseblock4.denselayer24.conv2"
    assert shortened(name) == "…" + name[-NAME_WIDTH + 1 :] and len(shortened(name)) == NAME_WIDTH
    assert shortened("x" * NAME_WIDTH) == "x" * NAME_WIDTH


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (1_234_567, "1.23 M"),
        (5e9, "5.00 G"),
        (2e12, "2.00 T"),
        (-2500, "-2.50 k"),
    ],
)
def test_counts_have_a_decimal_prefix(value, text):
    assert si(value) == text


def test_long_lists_end_with_a_count():
    assert listed([]) == ""
    assert listed(["a", "b", "c"]) == "a, b, c"
    assert listed(["a", "b", "c", "d", "e"]) == "a, b, c and 2 more"
