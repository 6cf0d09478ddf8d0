"""What print and a notebook show of a program and of a report."""

import re
from html.parser import HTMLParser

import pytest

from tests.programs import compiled
from xnn.runtime.report.table import Column, Table

DIGITS = "tools/networks/digits.onnx"


class Tags(HTMLParser):
    """Counts elements, which must be closed in their order."""

    def __init__(self, text: str):
        super().__init__()
        self.counts: dict[str, int] = {}
        self._open: list[str] = []
        self.feed(text)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.counts[tag] = self.counts.get(tag, 0) + 1
        if tag not in ("meta", "link"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        if tag not in ("meta", "link"):
            assert self._open.pop() == tag


def test_a_program_at_the_machine():
    program = compiled(DIGITS)
    assert repr(program) == "<Program: digits at level dsa>"
    title, _, *rows = str(program).splitlines()
    assert title == "digits at level dsa"
    assert [re.split("  +", row)[0] for row in rows] == [
        "inputs", "outputs", "feature maps", "target", "program", "cycles",
    ]  # fmt: skip
    assert f"{program.report.cycles:,}, {program.gap:.3f} times the network bound" in rows[-1]
    counts = Tags(program._repr_html_()).counts
    assert counts["table"] == 4 and counts["svg"] == 1


def test_a_report():
    report = compiled(DIGITS).report
    assert str(report) == report.text()
    assert repr(report) == f"<Report: digits on edge, {report.cycles:,} cycles>"
    page = report._repr_html_()
    assert Tags(page).counts["table"] == 3
    assert all(layer.name in page for layer in report.layers)


@pytest.mark.parametrize("level", ["xnn", "prim", "dma"])
def test_above_the_machine_there_are_no_times(level):
    program = compiled(DIGITS, level=level)
    assert "cycles" not in str(program) and "logits float32[1, 10]" in str(program)
    assert repr(program.report) == "<Report: digits on edge, no times>"
    assert Tags(program._repr_html_()).counts == {"h3": 1, "table": 1, "tr": 4, "td": 8}


def test_without_the_extra_there_are_tables_alone(monkeypatch):
    monkeypatch.setattr("xnn.runtime.report.pictures.inline.find_spec", lambda name: None)
    assert "svg" not in compiled(DIGITS)._repr_html_()


def test_names_may_hold_what_html_has_a_use_for():
    page = Table("layer", ("<b>&",), (Column("note", ("a < b",), True),), "x > y").html()
    assert "&lt;b&gt;&amp;" in page and "a &lt; b" in page and "<p>x &gt; y</p>" in page
