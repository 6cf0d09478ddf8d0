"""House rules that a machine can check. Each test lists everything it finds, not the first."""

import ast
import inspect
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from xdsl.dialects.builtin import ModuleOp
from xdsl.interpreter import Interpreter
from xdsl.ir import Operation
from xdsl.traits import IsTerminator
from xdsl.universe import Universe

from tests.documents.commands import DOCUMENTS
from xnn.dialects import DIALECTS
from xnn.passes import PASSES
from xnn.passes.pipelines import PIPELINES
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.semantics import interpret
from xnn.runtime.semantics.xnn import compute

ROOT = Path(__file__).parent.parent
FILECHECK = ROOT / "tests" / "filecheck"
SEMANTICS_ELSEWHERE = (
    "xnn.runtime.semantics.dma",
    "xnn.runtime.machine.machine",
    "xnn.dialects.dma.sequence",
    "xnn.dialects.dsa.expansion",
    "xnn.dialects.scalar",
    "xnn.dialects.dsa.program",
)
"""Where operations have semantics without a function of the interpreter: blocks run what stands in
them, the machine its instructions, an order and a repeat are their expansion, scalars are evaluated together."""
FLOORS = ("dialects", "runtime", "passes", "tools")


def report(problems: list[str]) -> None:
    assert not problems, "\n" + "\n".join(problems)


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the package with its path from the root."""
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            yield path.relative_to(ROOT), ast.parse(path.read_text())


def imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def operations() -> Iterator[type[Operation]]:
    for factory in DIALECTS.values():
        yield from factory().operations


# imports


def test_each_floor_imports_only_its_own_and_lower_ones():
    problems = []
    for path, tree in sources():
        own = FLOORS.index(path.parts[0])
        for line, name in imports(tree):
            top, _, rest = name.partition(".")
            if top == "xnn" and (floor := rest.partition(".")[0]) in FLOORS:
                if FLOORS.index(floor) > own:
                    problems.append(f"{path}:{line}: {path.parts[0]} imports {floor} above it")
            elif top in FLOORS or top == "":
                problems.append(f"{path}:{line}: imports {name}: write xnn. and the full path")
    report(problems)


def test_there_are_no_circles_of_imports():
    """Imports inside functions count. A package stands for its __init__.py, which its modules need not name."""
    modules = {
        ".".join(("xnn", *path.with_suffix("").parts)).removesuffix(".__init__"): tree
        for path, tree in sources()
    }

    def imported(name: str) -> set[str]:
        found = {each for _, each in imports(modules[name])}
        return {e if e in modules else e.rpartition(".")[0] for e in found} & modules.keys()

    left, before = {name: imported(name) for name in modules}, 0
    while len(left) != before:  # peel off what imports nothing that is left, or is not imported
        before = len(left)
        left = {name: found & left.keys() for name, found in left.items()}
        needed = set().union(*left.values())
        left = {name: found for name, found in left.items() if found and name in needed}
    report([f"{name} -> {', '.join(sorted(found))}" for name, found in left.items()])


def test_every_folder_of_modules_is_a_package():
    # a folder without __init__.py works here and is silently missing from the wheel
    folders = {path.parent for path, _ in sources()}
    report(
        [f"{f}: no __init__.py" for f in sorted(folders) if not (ROOT / f / "__init__.py").exists()]
    )


# passes


def test_a_pass_stands_last_in_the_file_of_its_name():
    problems = []
    for name, factory in PASSES.items():
        cls = factory()
        if cls.name != name:
            problems.append(f"{name}: registered class is named {cls.name}")
        if name in PIPELINES:
            continue
        path = Path(inspect.getfile(cls))
        last = ast.parse(path.read_text()).body[-1]
        if path.stem != name.replace("-", "_"):
            problems.append(f"{name}: in {path.name}")
        if not isinstance(last, ast.ClassDef) or last.name != cls.__name__:
            problems.append(f"{path.name}: {cls.__name__} does not stand last")
        if not cls.__doc__:
            problems.append(
                f"{path.name}: {cls.__name__} has no docstring with the IR before and after"
            )
    report(problems)


def test_every_file_of_a_pass_is_registered_and_holds_one():
    files = {
        path: [
            node.name
            for node in tree.body
            if isinstance(node, ast.ClassDef)
            and any(isinstance(base, ast.Name) and base.id == "ModulePass" for base in node.bases)
        ]
        for path, tree in sources()
        if path.parts[0] == "passes" and path.parent.name != "passes"
    }
    problems = [f"{p}: {len(c)} passes: {', '.join(c)}" for p, c in files.items() if len(c) > 1]
    problems += [
        f"{path}: {classes[0]} is not in PASSES"
        for path, classes in files.items()
        if classes and path.stem.replace("_", "-") not in PASSES
    ]
    report(problems)


def test_every_pass_and_pipeline_has_a_lit_test_of_its_name():
    problems = []
    for name in PASSES:
        folder = FILECHECK / ("pipelines" if name in PIPELINES else "passes")
        tests = list(folder.rglob(f"{name}.mlir"))
        runs = [line for t in tests for line in t.read_text().splitlines() if "RUN:" in line]
        if not tests:
            problems.append(f"{name}: no {folder.relative_to(ROOT)}/**/{name}.mlir")
        elif not any(name in run for run in runs):
            problems.append(f"{tests[0].relative_to(ROOT)}: runs no {name}")
    report(problems)


def test_every_family_of_conversions_has_a_lit_test_with_its_operators():
    """Of operators to primitives: `convert-FAMILY*.mlir` for each file, and each operator in one of them."""
    from xnn.passes.lowering.convert_to_primitives import CONVERSIONS

    folder = FILECHECK / "passes" / "lowering"
    files = [path for path in folder.glob("convert-*.mlir")]
    texts = "\n".join(path.read_text() for path in files)
    problems = [
        f"{op.name}: in no {folder.relative_to(ROOT)}/convert-*.mlir"
        for op, function in CONVERSIONS.items()
        if is_ours(op) and f"= {op.name} " not in texts
    ]
    for family in {function.__module__.rpartition(".")[2] for function in CONVERSIONS.values()}:
        if not any(path.stem.startswith(f"convert-{family}") for path in files):
            problems.append(f"{family}.py: no convert-{family}.mlir")
    report(sorted(problems))


def test_every_family_of_imports_has_a_lit_test_with_its_operators():
    """ONNX in, `xnn` out: `FAMILY*.onnxtxt` for each file; `plain` for what its class alone says how to import."""
    from xnn.tools.onnx.known_operators import EXPANSIONS
    from xnn.tools.onnx.node import IMPORTS, import_as

    import_module("xnn.tools.onnx.operators")
    texts: dict[str, str] = {}
    for path in (FILECHECK / "imports").glob("*.onnxtxt"):
        family = path.stem.partition("-")[0]
        graph = "\n".join(line for line in path.read_text().splitlines() if line[:1] != "#")
        texts[family] = texts.get(family, "") + graph
    problems = []
    expansions = {".".join(filter(None, key)): each for key, each in EXPANSIONS.items()}
    for name, function in {**IMPORTS, **expansions}.items():
        if isinstance(function, partial):
            function = function.func
        is_plain = function.__module__ == import_as.__module__
        family = "plain" if is_plain else function.__module__.rpartition(".")[2]
        if not re.search(rf"= {re.escape(name)} [<(]", texts.get(family, "")):
            problems.append(f"{name}: not in {family}*.onnxtxt")
    report(problems)


# operations


def test_operation_names_are_unique():
    counts = Counter(op.name for op in operations())
    report([f"{name}: {count} classes" for name, count in counts.items() if count > 1])


def test_every_operation_has_a_docstring():
    report([f"{op.name}: no docstring" for op in operations() if not vars(op).get("__doc__")])


def test_every_operation_has_semantics():
    interpreter = Interpreter(ModuleOp([]))
    for dialect in interpret.DIALECTS:
        import_module(f"xnn.runtime.semantics.{dialect}").register(interpreter, WeightStore())
    nothing = compute.dispatch(object)
    known = {
        cls
        for cls, (
            functions,
            _,
        ) in interpreter._impls._impl_dict.items()  # xDSL has no question for it
        if type(functions).__name__ != "NetworkFunctions" or compute.dispatch(cls) is not nothing
    }
    for module in SEMANTICS_ELSEWHERE:
        known |= {cls for cls in vars(import_module(module)).values() if is_ours(cls)}
    report(
        [
            f"{op.name}: no semantics under runtime/"
            for op in operations()
            # the operation around a terminator decides what it does
            if known.isdisjoint(op.__mro__) and not op.has_trait(IsTerminator)
        ]
    )


def is_ours(value: object) -> bool:
    return (
        isinstance(value, type)
        and issubclass(value, Operation)
        and value.__module__.startswith("xnn.dialects")
    )


def test_every_operator_has_a_primitive_or_a_price():
    """What no primitive computes runs on general compute, which must know what it costs."""
    from xnn.dialects import xnn
    from xnn.passes.lowering.convert_to_primitives import CONVERSIONS

    constants = (xnn.ConstantOp, xnn.WeightOp, xnn.ParameterOp)
    operators = [
        op
        for op in DIALECTS["xnn"]().operations
        if issubclass(op, xnn.NetworkOperation) and op not in constants
    ]
    priced = [op for op in operators if op.PRICE or op.price is not xnn.NetworkOperation.price]
    report([op.name for op in operators if op not in CONVERSIONS and op not in priced])


def test_every_operation_has_an_invalid_test():
    files = [
        *(FILECHECK / "dialects").rglob("invalid*.mlir"),
        *(ROOT / "tests").rglob("test_*invalid*.py"),
    ]
    named = set(re.findall(r"\b[a-z]+\.[a-z_0-9]+", "\n".join(f.read_text() for f in files)))
    report([f"{op.name}: in no invalid test" for op in operations() if op.name not in named])


# the repository


def test_files_that_are_no_modules_are_declared_for_the_wheel():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    declared = {
        file
        for package, patterns in setuptools["package-data"].items()
        for pattern in patterns
        for file in _folder(package).glob(pattern)
    }
    names = subprocess.run(["git", "ls-files", *FLOORS], cwd=ROOT, capture_output=True, text=True)
    tracked = {ROOT / name for name in names.stdout.split() if not name.endswith(".py")}
    report([f"{file.relative_to(ROOT)}: not in the wheel" for file in sorted(tracked - declared)])


def _folder(package: str) -> Path:
    floor = package.removeprefix("xnn").strip(".").replace(".", "/")
    return ROOT / (floor or "tools/_xnn")


def tracked_files() -> Iterator[tuple[str, str]]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    for name in filter(None, names.stdout.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in (".onnx", ".npz"):
            yield name, path.read_text()


def test_no_tracked_file_names_a_folder_of_one_machine():
    machine = re.compile(r"(?<![\w.])/(work|root|home|Users)/\w+")
    report(
        [
            f"{name}: {match.group()}"
            for name, text in tracked_files()
            if (match := machine.search(text))
        ]
    )


def test_the_commands_in_the_documents_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    flags = {tool: known_flags(tool) for tool in ("xnn-opt", "xnn-plan", "xnn-run", "xdsl-opt")}
    for tool in ("xnn-opt", "xnn-run"):
        flags[tool] |= {f"--{name}" for name in Universe.get_multiverse().all_passes}
    problems = []
    for path in DOCUMENTS:
        name, text = path.name, path.read_text()
        for target in re.findall(r"^\$? *make ([a-z-]+)|`make ([a-z-]+)`", text, re.MULTILINE):
            if "".join(target) not in targets:
                problems.append(f"{name}: make {''.join(target)}")
        for command in re.findall(r"\b(?:xnn-opt|xnn-plan|xnn-run|xdsl-opt) [^\n|&`]*", text):
            tool = command.split()[0]
            for flag in re.findall(r"(?<= )--[a-z-]+", command):
                if flag not in flags[tool]:
                    problems.append(f"{name}: {tool} {flag}")
        for module in re.findall(r"python -m (xnn[\w.]*)", text):
            if find_spec(module) is None:
                problems.append(f"{name}: python -m {module}")
        for file in re.findall(r"`((?:dialects|runtime|passes|tools|tests|docs)/[\w./]*)`", text):
            if not re.search("NAME|FAMILY", file) and not (ROOT / file).exists():
                problems.append(f"{name}: {file}")
    report(problems)


def known_flags(tool: str) -> set[str]:
    command = [Path(sys.executable).parent / tool, "--help"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"(?<![\w-])--[a-z-]+", shown))
