"""Our dialects and passes in other people's pipelines: plain xdsl-opt, Python, MLIR's own parser.

The package is installed into an environment of its own, so that what runs is what a user gets and
not the working tree.
"""

import shutil
import subprocess
import sys
import sysconfig
import textwrap
from pathlib import Path

import pytest

from xnn.tools.xnn_opt import main

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "tools" / "networks" / "digits.onnx"
SOURCES = (
    *("pyproject.toml", "setup.py", "README.md", "LICENSE"),
    *("dialects", "runtime", "passes", "tools"),
)
LEVELS = {
    "import": "",
    "xnn": "optimize-graph",
    "prim": "lower-to-primitives",
    "dma": "lower-to-dma",
    "dsa": "lower-to-dsa",
}
"""Level -> the pipeline that reaches it from an imported network."""

IREE_OPT = shutil.which("iree-opt", path=Path(sys.executable).parent) or shutil.which("iree-opt")


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """The Python of a clean environment with our package; its dependencies are borrowed."""
    folder = tmp_path_factory.mktemp("clean")
    sources = folder / "sources"
    sources.mkdir()
    for name in SOURCES:  # a copy: building leaves files beside the sources
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, sources / name)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env")
    python = folder / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python]
    run(*pip, "install", "--quiet", "--no-deps", sources)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    where = run(python, "-c", "import xnn; print(xnn.__file__)", cwd=folder).stdout
    assert Path(where.strip()).is_relative_to(site)
    return python


def run(*command: object, cwd: Path | None = None, text: str = "") -> subprocess.CompletedProcess:
    """Run a command that must succeed."""
    process = subprocess.run(
        [str(word) for word in command], cwd=cwd, input=text, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stderr
    return process


@pytest.fixture(scope="module")
def model(python, tmp_path_factory) -> Path:
    """The digits network as text of the graph level, its weights beside it."""
    folder = tmp_path_factory.mktemp("model")
    shutil.copy(DIGITS, folder)
    command = "digits.onnx", "--effort=fast", "-o", "digits.mlir"
    run(python.with_name("xnn-opt"), *command, cwd=folder)
    return folder / "digits.mlir"


def test_plain_xdsl_opt_runs_our_passes(python, model):
    """All pipelines, one after the other, each with upstream's passes after it."""
    names = [
        n for pipeline in LEVELS.values() if pipeline for n in (pipeline, "canonicalize", "cse")
    ]
    passes = ",".join(['xnn-target{target="edge"}', *names])
    xdsl_opt = [python, "-m", "xdsl.tools.xdsl_opt", model.name, "-p", passes]
    flags = ["--target=edge", *(f"--{name}" for name in names)]
    xnn_opt = [python.with_name("xnn-opt"), model.name, *flags]
    theirs, ours = (run(*command, cwd=model.parent).stdout for command in (xdsl_opt, xnn_opt))
    assert theirs == ours
    assert "xnn.target" in ours


def test_a_python_pipeline_mixes_our_passes_with_upstream_ones(python, model):
    program = """
        from xdsl.context import Context
        from xdsl.parser import Parser
        from xdsl.passes import PassPipeline
        from xdsl.universe import Universe
        universe, context = Universe.get_multiverse(), Context()
        for name, factory in universe.all_dialects.items():
            context.register_dialect(name, factory)
        module = Parser(context, open("digits.mlir").read(), "digits.mlir").parse_module()
        spec = 'cse,optimize-graph,canonicalize,xnn-target{target="edge"},lower-to-dma,cse,dce'
        PassPipeline.parse_spec(universe.all_passes, spec).apply(context, module)
        print(module)
    """
    printed = run(python, "-c", textwrap.dedent(program), cwd=model.parent).stdout
    assert "dma.blocks" in printed
    assert run(python.with_name("xnn-opt"), "-", text=printed).stdout.strip() == printed.strip()


@pytest.fixture(scope="module", params=LEVELS)
def generic(request, tmp_path_factory) -> Path:
    """The digits network at one level, in generic form."""
    flags = [f"--{LEVELS[request.param]}", "--effort=fast"] if LEVELS[request.param] else []
    path = tmp_path_factory.mktemp("generic") / "digits.mlir"
    assert main([str(DIGITS), *flags, "--print-op-generic", "-o", str(path)]) == 0
    return path


def test_the_generic_form_parses_back(generic):
    again = generic.with_name("again.mlir")
    assert main([str(generic), "--print-op-generic", "-o", str(again)]) == 0
    assert again.read_text() == generic.read_text()


@pytest.mark.skipif(IREE_OPT is None, reason="iree-base-compiler is not installed")
def test_mlir_parses_the_generic_form(generic):
    run(IREE_OPT, "--allow-unregistered-dialect", generic)
