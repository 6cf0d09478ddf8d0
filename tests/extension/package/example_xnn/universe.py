"""What xDSL's tools see: names alone, for every tool imports this at start."""

from xdsl.universe import Universe


def _dialect():
    from example_xnn.dialect import EXAMPLE

    return EXAMPLE


def _pass():
    from example_xnn.example_double import ExampleDouble

    return ExampleDouble


UNIVERSE = Universe(all_dialects={"example": _dialect}, all_passes={"example-double": _pass})
