"""What `xnn-run` does with its arguments; apart from them, so that `--help` need not wait for it."""

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.runtime.io.files import replacing, require_apart
from xnn.runtime.io.inputs import Samples, check_inputs, load_inputs, random_inputs
from xnn.runtime.io.npz import Arrays, read_arrays, write_arrays
from xnn.runtime.machine.machine import Machine
from xnn.runtime.report import Report
from xnn.runtime.report.page import LevelTexts, contents_of, require_libraries, run_page
from xnn.runtime.report.prices import layer_prices
from xnn.runtime.report.trace import write_trace
from xnn.tools.accuracy import FloatComparison, compare_with_float, measure
from xnn.tools.advice.advice import advice_of
from xnn.tools.advice.measurements import Measurements
from xnn.tools.agreement import compare
from xnn.tools.api import Hooks, binds_of, compile
from xnn.tools.checking.check import check
from xnn.tools.command_line.errors import USER_FAULT
from xnn.tools.command_line.flags import parse_places, parse_schedules
from xnn.tools.command_line.output import terminal_width, write_report
from xnn.tools.command_line.pictures import asked_for, check_pictures
from xnn.tools.command_line.progress import Progress
from xnn.tools.command_line.run_options import (
    check_files,
    check_precision,
    check_values,
    files_read,
    files_written,
    layers_of,
    machine_and_sizes,
    passes_of,
)
from xnn.tools.labels import load_labels
from xnn.tools.node_costs import NodeCosts, totals_of
from xnn.tools.pass_checker import PassChecker
from xnn.tools.program import Program
from xnn.tools.stepping.session import step
from xnn.tools.stepping.walk import Walk
from xnn.tools.weight_paths import weight_files, write_module


def run(options: argparse.Namespace) -> int:
    """Compile, run, store, compare and report; the exit code."""
    check_files(options)
    check_pictures(options)
    check_precision(options)
    check_values(options)
    if options.report_html:
        require_libraries()
    if options.check:
        return run_check(options)
    if options.advise:
        return run_advice(options)
    if options.step:
        return run_steps(options)
    graphs: list[ModuleOp] = []
    texts = LevelTexts() if options.report_html else None
    costs = node_costs(options) if options.report_onnx else None
    takers = [each.take for each in (texts, costs) if each]
    with pass_checker(options) as checker, Progress() as progress:
        program = compile_model(options, progress, checker, graphs, takers)
        if options.price:
            print(layer_prices(machine_of(program, "prices"), options.price))
            return 0
        if texts:
            machine_of(program, "times to show on a page")
        if costs:
            store_annotated(options, costs, program)
        if options.trace:
            store_trace(options.trace, machine_of(program, "times to trace"))
        for path, picture in asked_for(options).items():
            picture.draw(path, program.report, machine_of(program, "times to draw"))
        if options.time_only:
            return report_times(options, program, texts)
        samples = choose_inputs(options, program)
        labels: Arrays = {}
        if options.labels:
            labels = load_labels(options.labels, program.outputs, len(samples))
        if options.places:
            program.bind(parse_places(options.places))
        state: Arrays = read_arrays(options.state) if options.state else {}
        program.set_state(state)
        show = partial(progress.show, "run")
        keep = layers_of(options.keep_maps, program.feature_maps)
        outputs, report = program.run_samples(
            samples, sanitize=options.sanitize, keep=keep, on_progress=show
        )
        comparison = compare_float(options, graphs, samples, state, progress) if graphs else None
    if labels or comparison:
        report = replace(report, accuracy=measure(program.outputs, outputs, labels, comparison))
    if options.outputs:
        write_arrays(options.outputs, outputs)
    if options.save_state:
        write_arrays(options.save_state, program.state)
    write_report(options, in_form(options, report))
    if texts:
        store_page(options.report_html, report, machine_of(program, "times to show"), texts)
    return 0 if as_expected(options, outputs) else USER_FAULT


def run_check(options: argparse.Namespace) -> int:
    """Check the network instead of running it; the exit code says whether it would run."""
    require_plain_form(options, "--check")
    if options.passes:
        raise UserError("--check is of the network as it is, without other passes")
    formats = {"quantize": options.quantize, "calibrate": options.calibrate}
    report = check(options.model, **machine_and_sizes(options), **formats)
    text = report.text() if options.report == "text" else json.dumps(report.json(), indent=2)
    write_report(options, text)
    return 0 if report.runs else USER_FAULT


def run_advice(options: argparse.Namespace) -> int:
    """Report what would make the network faster, instead of running it."""
    require_plain_form(options, "--advise")
    if options.level != LEVELS[-1]:
        raise UserError("--advise is for programs of level dsa, which have times")

    def compiled_again(
        settings: Iterable[str] = (), quantize: str | None = None, level: str = options.level
    ) -> Program:
        chosen = {"quantize": options.quantize, "calibrate": options.calibrate}
        formats = {"quantize": quantize} if quantize else chosen
        return compiled(options, settings, level=level, **formats)

    with Progress() as progress:
        progress.show("compile")
        first = compiled_again()
        advice = advice_of(Measurements(first, compiled_again, lambda what: progress.show(what)))
    text = advice.text() if options.report == "text" else json.dumps(advice.json(), indent=2)
    write_report(options, text)
    return 0


def run_steps(options: argparse.Namespace) -> int:
    """Walk through the program node by node, as the commands on stdin say."""
    if options.model == "/dev/stdin":
        raise UserError("--step reads commands from stdin, and so cannot read the network there")
    with Progress() as progress:
        program = compile_model(options, progress, None, [], [])
        machine = machine_of(program, "nodes to step through")
        sample = next(iter(choose_inputs(options, program)))
    if options.places:
        program.bind(parse_places(options.places))
    program.set_state(read_arrays(options.state) if options.state else {})
    step(Walk(machine, sample), sys.stdin, sys.stdout)
    return 0


def require_plain_form(options: argparse.Namespace, flag: str) -> None:
    """Raises UserError for a form of the report that only a run has."""
    if options.report in ("csv", "markdown"):
        raise UserError(f"{flag} reports as text or json, not as {options.report}")


def report_times(options: argparse.Namespace, program: Program, texts: LevelTexts | None) -> int:
    """Report what a run would cost, without one; with `texts` as a page too."""
    machine_of(program, "times")
    if options.sanitize:
        program.sanitize()
    write_report(options, in_form(options, program.report))
    if texts:
        store_page(options.report_html, program.report, machine_of(program, "times"), texts)
    return 0


def machine_of(program: Program, needed: str) -> Machine:
    """The machine of a program; raises UserError above level dsa, where there is none of what is needed."""
    machine = program.session.machine
    if machine is None:
        raise UserError(f"level {program.level} has no {needed}", hint="use level dsa")
    return machine


def store_trace(path: str, machine: Machine) -> None:
    """Write the trace of a program, packed if the name says so."""
    with replacing(path) as temporary:
        write_trace(temporary, machine, packed=path.endswith(".gz"))


def node_costs(options: argparse.Namespace) -> NodeCosts:
    """What the nodes of the ONNX model that the options name cost, once it is compiled."""
    sizes = machine_and_sizes(options)
    return NodeCosts(options.model, binds_of(sizes["bindings"], sizes["input_shapes"]))


def store_annotated(options: argparse.Namespace, costs: NodeCosts, program: Program) -> None:
    """Write the ONNX model with the costs of its nodes."""
    from xnn.tools.onnx.annotated import write_annotated  # text need not wait for the onnx package

    nodes = costs.properties(program.report, machine_of(program, "costs of nodes"))
    write_annotated(options.report_onnx, options.model, nodes, totals_of(program.report))


def store_page(path: str, report: Report, machine: Machine, texts: LevelTexts) -> None:
    """Write the page of a run."""
    title = f"{report.model} on {report.target}"
    with replacing(path) as temporary:
        page = run_page(contents_of(report, machine, texts), title)
        temporary.write_text(page, encoding="utf-8")


@contextmanager
def pass_checker(options: argparse.Namespace) -> Iterator[PassChecker | None]:
    """What checks each pass, if that was asked for; at the end of the block it says what it has checked."""
    if not options.check_each_pass:
        yield None
        return
    checker = PassChecker(partial(first_inputs, options))
    try:
        yield checker
    finally:
        if checker.checks:
            print(checker.summary(), file=sys.stderr)


def compile_model(
    options: argparse.Namespace,
    progress: Progress,
    checker: PassChecker | None,
    graphs: list[ModuleOp],
    takers: Iterable[Callable[[str, ModuleOp], None]],
) -> Program:
    """The program that the options ask for; its graph is put into `graphs` if that is to be compared.

    `takers` get each level that it reaches.
    """
    folder = Path(options.dump_levels) if options.dump_levels else None
    if folder:
        folder.mkdir(parents=True, exist_ok=True)

    def on_start(module: ModuleOp) -> None:
        written = files_written(options)
        written += [folder / f"{level}.mlir" for level in LEVELS] if folder else []
        read = [*files_read(options), options.machine or "", *weight_files(module)]
        read += [str(option) for each in passes_of(options) for option in vars(each).values()]
        require_apart(filter(None, written), read)
        progress.show("compile")
        if checker:
            checker.start(module)

    def on_pass(module: ModuleOp, done: ModulePass, number: int, total: int) -> None:
        progress.show(f"compile: {done.name}", number, total)
        if checker:
            checker.check(module, done)

    def on_level(level: str, module: ModuleOp) -> None:
        if folder:
            write_module(module, folder / f"{level}.mlir")
        for take in takers:
            take(level, module)
        if options.compare_float and level == LEVELS[0]:
            graphs.append(module.clone())

    formats = {"quantize": options.quantize, "calibrate": options.calibrate}
    hooks = Hooks(on_start, on_pass, on_level)
    return compiled(options, level=options.level, hooks=hooks, **formats)


def compiled(options: argparse.Namespace, settings: Iterable[str] = (), **more: Any) -> Program:
    """The program for the machine and the sizes that the options name, with more changes of the target."""
    machine = machine_and_sizes(options)
    machine["settings"] = [*machine["settings"], *settings]
    return compile(
        options.model,
        **machine,
        ties=options.ties,
        dynamic=options.dynamic,
        borrowed=options.borrowed,
        schedules=parse_schedules(options.schedules),
        effort=options.effort,
        objective=options.objective,
        passes=passes_of(options),
        **more,
    )


def choose_inputs(options: argparse.Namespace, program: Program) -> Samples:
    """The inputs of the file that was named, or else random ones."""
    if options.inputs:
        return load_inputs(options.inputs, program.inputs)
    drawn = random_inputs([port for port in program.inputs if not port.is_state], options.seed)
    return check_inputs(program.inputs, drawn)


def first_inputs(options: argparse.Namespace, program: Program) -> Arrays:
    """The first sample; state that it leaves out is random, so that passes that lose it are found."""
    drawn = random_inputs([port for port in program.inputs if port.is_state], options.seed)
    return {**drawn, **next(iter(choose_inputs(options, program)))}


def compare_float(
    options: argparse.Namespace,
    graphs: list[ModuleOp],
    samples: Samples,
    state: Arrays,
    progress: Progress,
) -> FloatComparison:
    """The graph that was kept, compared with that of the network without --quantize."""
    program, reference = Program(graphs[0]), compiled(options, level=LEVELS[0])
    for each in (program, reference):
        each.set_state(state)
    show = partial(progress.show, "compare with float32")
    return compare_with_float(program, reference, samples, show)


def as_expected(options: argparse.Namespace, outputs: Arrays) -> bool:
    """Whether the outputs agree with those of --expect; prints it for each."""
    if not options.expect:
        return True
    agreements = compare(outputs, read_arrays(options.expect), options.tolerance)
    for agreement in agreements:
        print(agreement, file=sys.stderr)
    return all(agreement.holds for agreement in agreements)


def in_form(options: argparse.Namespace, report: Report) -> str:
    """The report of a run in the form that was asked for; text on a terminal is as wide as that."""
    match options.report:
        case "json":
            return json.dumps(report.json(options.sort), indent=2)
        case "csv":
            return report.csv(options.sort)
        case "markdown":
            return report.markdown(options.sort)
        case _:
            return report.text(options.sort, terminal_width(options))
