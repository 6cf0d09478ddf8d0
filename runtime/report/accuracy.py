"""What a number format costs in accuracy: its form as values and as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from xnn.runtime.report.table import Column, Table


@dataclass(frozen=True)
class Deviation:
    """How far a feature map lies from that of the network in float32, over all samples."""

    sqnr_db: float
    """Signal-to-quantisation-noise ratio, infinite where nothing differs."""
    largest_error: float
    clipped: float
    """The share of elements beyond what the format can hold."""


@dataclass(frozen=True)
class LayerAccuracy:
    """One layer of the network, or one input."""

    name: str
    deviation: Deviation


@dataclass(frozen=True)
class Jump:
    """A layer with far more noise than its inputs."""

    layer: str
    sqnr_db: float
    read_sqnr_db: float
    """The least among its inputs."""


@dataclass(frozen=True)
class OutputAccuracy:
    """One output of the run, with what is known of it."""

    name: str
    deviation: Deviation | None = None
    top1_agreement: float | None = None
    """The share of samples whose largest element is where that of the network in float32 is."""
    accuracy: float | None = None
    """The share of samples whose largest element is at the label."""
    float_accuracy: float | None = None


@dataclass(frozen=True)
class Accuracy:
    """The accuracy of a run. `layers` and `first_jump` need a comparison with the network in float32."""

    outputs: tuple[OutputAccuracy, ...]
    layers: tuple[LayerAccuracy, ...] = ()
    first_jump: Jump | None = None

    def json(self) -> dict[str, Any]:
        """As plain values; JSON has no infinite numbers, so those are the strings "inf" and "-inf"."""
        return _plain(asdict(self))

    def tables(self) -> Iterator[Table]:
        """For people: the layers, if they were compared, and the outputs."""
        if self.layers:
            yield _layer_table(self.layers, _jump_line(self.first_jump))
        yield _output_table(self.outputs)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _layer_table(layers: Sequence[LayerAccuracy], note: str) -> Table:
    deviations = _deviation_columns([layer.deviation for layer in layers])
    return Table("layer", tuple(layer.name for layer in layers), tuple(deviations), note)


def _output_table(outputs: Sequence[OutputAccuracy]) -> Table:
    """A row per output; columns without values are left out."""
    columns = [
        *_deviation_columns([each.deviation for each in outputs]),
        Column("top-1 agreement", tuple(_share(each.top1_agreement) for each in outputs)),
        Column("accuracy", tuple(_share(each.accuracy) for each in outputs)),
        Column("in float32", tuple(_share(each.float_accuracy) for each in outputs)),
    ]
    filled = tuple(column for column in columns if any(column.cells))
    return Table("output", tuple(each.name for each in outputs), filled)


def _deviation_columns(deviations: Sequence[Deviation | None]) -> list[Column]:
    return [
        Column("SQNR", tuple(f"{each.sqnr_db:.1f} dB" if each else "" for each in deviations)),
        Column(
            "largest error",
            tuple(f"{each.largest_error:.3g}" if each else "" for each in deviations),
        ),
        Column("clipped", tuple(f"{each.clipped:.2%}" if each else "" for each in deviations)),
    ]


def _jump_line(jump: Jump | None) -> str:
    if jump is None:
        return "no layer's error jumps"
    return (
        f"the error jumps first at layer {jump.layer}: "
        f"{jump.sqnr_db:.1f} dB, its inputs have {jump.read_sqnr_db:.1f} dB"
    )


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"
