"""How a program changes: one pass per file, in the folder of the level it works on.

`PASSES` maps the name of each pass and pipeline to a function that imports it: naming them all costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from xnn.passes.pipelines import PIPELINES, passes_of

if TYPE_CHECKING:
    from xdsl.passes import ModulePass

_FILES = (
    "graph/fold_zero_sized",
    "graph/fold_constants",
    "graph/graph_cse",
    "graph/propagate_transposes",
    "graph/split_attention",
    "graph/decompose_batch_norm",
    "graph/decompose_conv_transpose",
    "graph/combine_scale_shift",
    "graph/absorb_scale_shift",
    "graph/hoist_weights",
    "quantize/calibrate",
    "quantize/insert_quantization",
    "quantize/round_weights",
    "quantize/correct_biases",
    "integers/fold_quantization",
    "integers/multiply_and_shift",
    "integers/multiply_by_reciprocals",
    "quantize/quantize",
    "quantize/convert_floats",
    "lowering/convert_to_primitives",
    "lowering/pack_weights",
    "fusion/fuse_successors",
    "fusion/fuse_predecessors",
    "fusion/map_elementwise",
    "fusion/combine_factors",
    "fusion/tabulate_scalars",
    "lowering/wrap_general",
    "lowering/place_shuffled_groups",
    "lowering/place_transposed_results",
    "lowering/copy_state",
    "lowering/copy_parts",
    "lowering/prim_expand_tiles",
    "schedule/copy_read_positions",
    "schedule/force_schedules",
    "schedule/tune_schedules",
    "schedule/choose_schedules",
    "schedule/keep_shared_weights_local",
    "schedule/keep_feature_maps_local",
    "schedule/put_rows_first",
    "lowering/convert_to_blocks",
    "schedule/order_layers",
    "schedule/prefetch_operands",
    "schedule/plan_memory",
    "schedule/limit_reservations",
    "lowering/convert_to_instructions",
    "module/xnn_bind",
    "module/xnn_target",
    "module/xnn_set",
    "module/xnn_tie",
    "module/xnn_dynamic",
    "module/xnn_borrowed",
    "module/xnn_effort",
    "module/xnn_objective",
    "module/xnn_schedule",
)
"""Every pass by its file: "graph/fold_constants" is the pass `fold-constants`."""


def _pass_factory(file: str, name: str) -> Callable[[], type[ModulePass]]:
    def load() -> type[ModulePass]:
        module = import_module("xnn.passes." + file.replace("/", "."))
        # A file may import other passes: its own has the name.
        return next(
            cls
            for cls in vars(module).values()
            if isinstance(cls, type) and getattr(cls, "name", None) == name
        )

    return load


def _pipeline_factory(pipeline: str) -> Callable[[], type[ModulePass]]:
    """The pass that runs `pipeline` from the level of the module on, as if each pass had been run by itself."""

    def load() -> type[ModulePass]:
        from xdsl.context import Context
        from xdsl.dialects.builtin import ModuleOp
        from xdsl.passes import ModulePass

        from xnn.dialects.levels import level_of

        class Pipeline(ModulePass):
            __doc__ = f"Runs {', '.join(PIPELINES[pipeline])}."

            name = pipeline

            def apply(self, ctx: Context, op: ModuleOp) -> None:
                for position, name in enumerate(passes_of(pipeline, level_of(op))):
                    if position:
                        op.verify()
                    pass_named(name)().apply(ctx, op)

        return Pipeline

    return load


def _name(file: str) -> str:
    return file.rpartition("/")[2].replace("_", "-")


PASSES: dict[str, Callable[[], type[ModulePass]]] = {
    **{_name(file): _pass_factory(file, _name(file)) for file in _FILES},
    **{name: _pipeline_factory(name) for name in PIPELINES},
}


def pass_named(name: str) -> type[ModulePass]:
    """The pass or pipeline of that name, ours or xDSL's."""
    from xdsl.transforms import get_all_passes

    return (PASSES.get(name) or get_all_passes()[name])()
