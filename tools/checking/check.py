"""Whether a network would run, and where its operators would, before anything is scheduled."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.utils.arg_spec import ArgSpec

from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError, one_line
from xnn.dialects.levels import level_of
from xnn.dialects.target import Target
from xnn.dialects.xnn import shape_of
from xnn.dialects.xnn.interface import argument_names, main_function, results_by_name
from xnn.dialects.xnn.operation import shown, tensor_type
from xnn.passes.pipelines import passes_to
from xnn.runtime.extensions import multiverse
from xnn.runtime.targets import DEFAULT_TARGET
from xnn.tools.api import binds_of, open_source, user_errors
from xnn.tools.checking.network import UNKNOWN, Network, network_of_model, network_of_text
from xnn.tools.checking.report import CheckReport, Fault, OperatorUse
from xnn.tools.checking.where import (
    faults_of_target,
    formats_of_layers,
    macs_of,
    operators_by_tensor,
    parameter_sizes,
    peak_bytes,
    where_nodes_run,
)
from xnn.tools.parsing import make_context
from xnn.tools.pass_list import build_passes, run_passes
from xnn.tools.pass_specs import quantizing_passes, setting_passes
from xnn.tools.program import without_collection
from xnn.tools.verification import verify

if TYPE_CHECKING:
    from onnx import ModelProto

SCHEDULING = "choose-schedules"
"""The first of the passes to the primitives that a check leaves out: they are slow, and move no operator."""


@user_errors()
@without_collection()
def check(
    source: str | os.PathLike[str] | bytes | ModelProto | ModuleOp,
    *,
    target: str | os.PathLike[str] | None = None,
    settings: Iterable[str] | None = None,
    bindings: Mapping[str, int] | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    quantize: str | None = None,
    calibrate: str | os.PathLike[str] | None = None,
) -> CheckReport:
    """What a network consists of, where it would run, and all that keeps it from running.

    Arguments are those of `compile`. It goes down to the primitives and schedules nothing, so it is quick
    but for `quantize`, for which the network is run on its inputs. Raises UserError for what is no network
    at all, and for a module below the graph level.
    """
    quantizing = quantizing_passes(quantize, calibrate)
    context = make_context()
    opened, name = open_source(source, context)
    binds = binds_of(bindings or {}, input_shapes or {})
    if not isinstance(opened, ModuleOp):
        network = network_of_model(opened, binds)
    elif (level := level_of(opened)) == LEVELS[0]:
        network = network_of_text(opened, binds, context)
    else:
        raise UserError(f"the module is at level {level} already: there is nothing to check")
    if (module := network.module) is not None:
        if target is None and not Target.has(module):
            target = DEFAULT_TARGET
        specs = setting_passes(target, settings or (), (), (), (), {}, None, None)
        verify(module)
        run_passes(module, build_passes(specs, multiverse()[0].all_passes), context)
    return _report(network, name, context, quantizing)


def _report(
    network: Network, name: str, context: Context, quantizing: Sequence[ArgSpec]
) -> CheckReport:
    """The report of a network whose module, if it has one, has its target."""
    module, faults = network.module, list(network.faults)
    fates = [node.fate or UNKNOWN for node in network.nodes]
    figures: dict[str, Any] = dict.fromkeys(
        ("parameters", "parameter_bytes", "macs", "peak_bytes"), None
    )
    inputs, outputs, layers = {}, {}, ()
    if module is not None:
        main = main_function(module)
        inputs = _types(dict(zip(argument_names(main), main.args, strict=True)))
        outputs = _types(results_by_name(main))
        figures["parameters"], figures["parameter_bytes"] = parameter_sizes(module)
        made_by = operators_by_tensor(module)
        try:
            _lower(module, context, quantizing)
            layers = formats_of_layers(module)
            fates = where_nodes_run(module, network.nodes, made_by)
            figures["macs"], figures["peak_bytes"] = macs_of(module), peak_bytes(module)
            faults += faults_of_target(module, Target.of(module))
        except UserError as error:
            faults.append(Fault("", "", one_line(error)))
    counts = defaultdict[str, Counter[str]](Counter)
    for node, fate in zip(network.nodes, fates, strict=True):
        counts[node.operator][fate] += 1
    return CheckReport(
        model=name,
        target="" if module is None else Target.of(module).name,
        operators=tuple(OperatorUse(o, c.total(), dict(c)) for o, c in counts.items()),
        faults=tuple(faults),
        dimensions=tuple(network.dimensions),
        assumed=network.assumed,
        inputs={n: t for n, t in inputs.items() if n in network.inputs},
        outputs={n: t for n, t in outputs.items() if n in network.outputs},
        **figures,
        layers=layers,
    )


def _lower(module: ModuleOp, context: Context, quantizing: Sequence[ArgSpec]) -> None:
    """Quantise a module of the graph level and bring it to the primitives, without schedules."""
    names = [*passes_to(LEVELS[0]), *passes_to(LEVELS[1])]
    names = names[: names.index(SCHEDULING)]
    specs = [*quantizing, *(ArgSpec(name, {}) for name in names)]
    run_passes(module, build_passes(specs, multiverse()[0].all_passes), context, verified=False)


def _types(values: Mapping[str, SSAValue]) -> dict[str, str]:
    """The types of tensors, in short."""
    return {n: f"{tensor_type(v).element_type} {shown(shape_of(v))}" for n, v in values.items()}
