"""What limits a layer, and shares as text."""

import pytest

from xnn.runtime.report.limits import limit_text, limited_by, shares


@pytest.mark.parametrize(
    ("causes", "by", "text"),
    [
        ({}, "", "-"),
        ({"bus": 90, "tiles": 10}, "bus", "bus 90%"),
        ({"bus": 40, "tiles": 35, "padding": 25}, "sort", "sort 60% (tiles 35%)"),
        ({"rows": 30, "bank": 25, "bus": 45}, "banks", "banks 55% (rows 30%)"),
        ({"issue": 7, "drain": 6, "latency": 5}, "control", "control 39% (issue)"),
        ({"drain": 1}, "drain", "drain 100%"),
        ({"copy": 1, "post": 1}, "sort", "sort 100% (copy 50%)"),
    ],
)
def test_what_takes_most_cycles_of_a_layer(causes, by, text):
    assert limited_by("sort", causes) == by
    assert limit_text(by, causes) == text


def test_shares_are_sorted_and_without_those_next_to_nothing():
    assert shares({"end": 0}, 0) == ""
    assert shares({"end": 4, "feature_maps": 992, "room": 5}, 1000) == "feature maps 99%, room 0%"
