"""What a number format costs in accuracy: its form as values and as text."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

from xnn.runtime.report.table import columns, shortened


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

    def lines(self) -> list[str]:
        """As tables for people."""
        outputs = _output_table(self.outputs)
        if not self.layers:
            return outputs
        return [*_layer_table(self.layers), _jump_line(self.first_jump), "", *outputs]


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    return str(value) if isinstance(value, float) and not isfinite(value) else value


def _layer_table(layers: tuple[LayerAccuracy, ...]) -> list[str]:
    header = ("layer", *_DEVIATION_HEADER)
    names = shortened([layer.name for layer in layers])
    rows = [(n, *_deviation_row(each.deviation)) for n, each in zip(names, layers, strict=True)]
    return columns([header, *rows], left=(0,))


_DEVIATION_HEADER = ("SQNR", "largest error", "clipped")


def _deviation_row(deviation: Deviation) -> tuple[str, ...]:
    return (
        f"{deviation.sqnr_db:.1f} dB",
        f"{deviation.largest_error:.3g}",
        f"{deviation.clipped:.2%}",
    )


def _jump_line(jump: Jump | None) -> str:
    if jump is None:
        return "no layer's error jumps"
    return (
        f"the error jumps first at layer {jump.layer}: "
        f"{jump.sqnr_db:.1f} dB, its inputs have {jump.read_sqnr_db:.1f} dB"
    )


def _output_table(outputs: tuple[OutputAccuracy, ...]) -> list[str]:
    """A row per output; columns without values are left out."""
    header = ("output", *_DEVIATION_HEADER, "top-1 agreement", "accuracy", "in float32")
    names = shortened([output.name for output in outputs])
    rows = [
        (
            name,
            *(_deviation_row(output.deviation) if output.deviation else ("",) * 3),
            *map(_share, (output.top1_agreement, output.accuracy, output.float_accuracy)),
        )
        for name, output in zip(names, outputs, strict=True)
    ]
    filled = [place for place in range(len(header)) if any(row[place] for row in rows)]
    return columns([[row[place] for place in filled] for row in (header, *rows)], left=(0,))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2%}"
