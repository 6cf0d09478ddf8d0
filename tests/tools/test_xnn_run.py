"""The command line of xnn-run, on networks of a few operators."""

import gzip
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.parser import parse_model

from tests.samples import samples
from xnn.runtime.io.npz import read_arrays, write_arrays
from xnn.runtime.machine.sanitizer import RACE, Finding
from xnn.runtime.report.page import require_libraries
from xnn.tools.xnn_run import main

MODEL = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    small (float[1, 4] x) => (float[1, 3] y, float[1, 3] z)
    <float[4, 3] w = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, float[3] b = {1, -100, 2}>
    { y = Gemm(x, w, b)  z = Relu(y) }
""")
X = np.ones((1, 4), np.float32)
Y = np.array([[23, -74, 32]], np.float32)


@pytest.fixture
def model(tmp_path, monkeypatch) -> Path:
    """The network, its input and its expected outputs in the working folder."""
    monkeypatch.chdir(tmp_path)
    onnx.save(MODEL, "small.onnx")
    write_arrays("x.npz", {"x": X})
    write_arrays("yz.npz", {"y": Y, "z": np.maximum(Y, 0)})
    return tmp_path / "small.onnx"


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


LEVELS = ["xnn", "prim", "dma", "dsa"]


@pytest.mark.parametrize("level", LEVELS)
def test_outputs_are_stored_by_name_and_agree_at_every_level(model, level, capsys):
    arguments = ["--inputs", "x.npz", "--outputs", "out.npz", "--expect", "yz.npz"]
    assert main([str(model), "--level", level, *arguments, "--report", "none"]) == 0
    out, err = capsys.readouterr()
    assert out == "" and "y: agrees" in err and "z: agrees" in err
    outputs = read_arrays("out.npz")
    assert list(outputs) == ["y", "z"]
    np.testing.assert_allclose(outputs["y"], Y, rtol=1e-6)


def test_state_is_kept_from_sample_to_sample_and_stored(model):
    sums = parse_model("""<ir_version: 8, opset_import: ["" : 13]>
        sums (float[1, 4] x, float[1, 4] h) => (float[1, 4] y) { y = Add(x, h) }""")
    onnx.save(sums, "sums.onnx")
    write_arrays("xs.npz", {"x": np.concatenate([X, X])})
    tied = ["sums.onnx", "--tie", "h=y", "--report=none"]
    assert main([*tied, "--inputs=xs.npz", "--outputs=out.npz", "--save-state=h.npz"]) == 0
    assert read_arrays("out.npz")["y"].tolist() == [[1] * 4, [2] * 4]
    assert read_arrays("h.npz")["h"].tolist() == [[2] * 4]
    more = ["--inputs=x.npz", "--state=h.npz", "--outputs=out.npz", "--check-each-pass"]
    assert main([*tied, *more]) == 0
    assert read_arrays("out.npz")["y"].tolist() == [[3] * 4]
    assert main([*tied, "--inputs=x.npz", "--state=h.npz", "--save-state=h.npz"]) == 1
    assert main([*tied, "--state=x.npz"]) == 1


def test_several_samples_in_one_run(model):
    write_arrays("x.npz", {"x": np.concatenate([X, 2 * X, 0 * X])})
    assert main(["small.onnx", "--level=xnn", "--inputs=x.npz", "--outputs=out.npz"]) == 0
    assert read_arrays("out.npz")["y"].tolist() == [[23, -74, 32], [45, -48, 62], [1, -100, 2]]


def test_random_inputs_depend_on_the_seed_alone(model):
    found = []
    for seed in ("1", "1", "2"):
        assert main(["small.onnx", "--level=xnn", "--seed", seed, "--outputs=out.npz"]) == 0
        found.append(read_arrays("out.npz")["y"].tolist())
    assert found[0] == found[1] != found[2]


def test_outputs_that_differ_are_a_failure(model, capsys):
    write_arrays("off.npz", {"y": Y + 1})
    arguments = ["small.onnx", "--level=xnn", "--inputs=x.npz", "--expect=off.npz"]
    assert main(arguments) == 1
    assert "y: DIFFERS, error 1.37e-02 (tolerance 0.0001)" in capsys.readouterr().err
    assert main([*arguments, "--tolerance=0.1"]) == 0


@pytest.mark.parametrize("level", LEVELS)
def test_each_level_is_dumped_and_runs(model, level):
    assert main(["small.onnx", "--level", level, "--dump-levels=text", "--report=none"]) == 0
    dumped = LEVELS[: LEVELS.index(level) + 1]
    assert {path.stem for path in Path("text").iterdir()} == set(dumped)
    for name in dumped:
        arguments = ["--inputs=x.npz", "--expect=yz.npz", "--report=none"]
        assert main([f"text/{name}.mlir", "--level", level, *arguments]) == 0


REPORT_KEYS = {
    "": "schema model target level cycles causes predicted_cycles macs utilisation engines external_bytes "
    "local_bytes peak_local_bytes live_local_bytes energy_pj general_share bounds gap seconds layers",
    "seconds": "import passes execute",
    "external_bytes": "read written",
    "local_bytes": "read written",
    "energy_pj": "total",
    "general_share": "operations cycles",
    "bounds": "ideal network order_floor parallel serial",
}


@pytest.mark.parametrize("samples", [1, 3])
def test_the_report_for_programs(model, samples, capsys):
    write_arrays("x.npz", {"x": np.repeat(X, samples, 0)})
    assert main(["small.onnx", "--report=json", "--inputs=x.npz"]) == 0
    report = json.loads(capsys.readouterr().out)
    for section, keys in REPORT_KEYS.items():
        assert set(keys.split()) <= set(report[section] if section else report)
    assert all({"busy", "idle"} <= engine.keys() for engine in report["engines"].values())
    layer_keys = "name op cycles macs communication computation external_bytes".split()
    assert all(set(layer_keys) <= layer.keys() for layer in report["layers"])
    assert (report["model"], report["target"], report["level"]) == ("small", "edge", "dsa")
    assert report["macs"] == 12  # of one sample
    assert report["cycles"] == report["predicted_cycles"] > 0


def test_the_report_for_people_goes_where_it_should(model, capsys):
    assert main(["small.onnx", "--report-file=report.txt"]) == 0
    assert capsys.readouterr().out == ""
    assert main(["small.onnx"]) == 0
    printed = capsys.readouterr().out
    assert Path("report.txt").read_text() == printed and "network bound" in printed


@pytest.mark.parametrize("form", ["text", "json"])
def test_above_the_machine_there_are_no_cycles_to_report(model, form, capsys):
    assert main(["small.onnx", "--level=prim", "--report", form]) == 0
    out = capsys.readouterr().out
    assert json.loads(out)["cycles"] is None if form == "json" else "cycles need level dsa" in out


def test_text_and_model_have_the_same_values_and_cycles(model, capsys):
    found = []
    assert main(["small.onnx", "--dump-levels=text", "--report=none"]) == 0
    for source in ("small.onnx", "text/prim.mlir", "text/dsa.mlir"):
        assert main([source, "--outputs=out.npz", "--report=json"]) == 0
        cycles = json.loads(capsys.readouterr().out)["cycles"]
        found.append((cycles, read_arrays("out.npz")["y"].tobytes()))
    assert len(set(found)) == 1


def test_a_faster_target_takes_fewer_cycles(model, capsys):
    cycles = []
    for setting in ("external.latency_cycles=200", "external.latency_cycles=20"):
        assert main(["small.onnx", "--set", setting, "--report=json"]) == 0
        cycles.append(json.loads(capsys.readouterr().out)["cycles"])
    assert cycles[0] > cycles[1]


def test_a_trace_is_written_in_the_form_that_its_name_says(model):
    assert main(["small.onnx", "--trace=t.json", "--report=none"]) == 0
    assert main(["small.onnx", "--trace=t.json.gz", "--report=none"]) == 0
    text = Path("t.json").read_text()
    assert json.loads(text)["traceEvents"]
    assert gzip.decompress(Path("t.json.gz").read_bytes()).decode() == text


def test_above_the_machine_there_is_nothing_to_trace(model, capsys):
    assert main(["small.onnx", "--level=prim", "--trace=t.json"]) == 1
    assert "level prim has no times to trace" in capsys.readouterr().err
    assert "t.json" not in files()


def test_the_sanitizer_has_nothing_to_say(model):
    assert main(["small.onnx", "--sanitize", "--report=none"]) == 0


def test_what_the_sanitizer_finds_is_reported(model, capsys, monkeypatch):
    found = Finding(RACE, 3, "dsa.matmul", "y", 1, "y#0", "local", 0, 64, "are late", "a.mlir:4:1")
    monkeypatch.setattr("xnn.runtime.machine.sanitizer.sanitize", lambda machine: [found, found])
    assert main(["small.onnx", "--sanitize", "--report-file=report.txt"]) == 1
    one = 'node 3 (dsa.matmul of layer "y"): race: operand 1 in "y#0", local bytes 0x0 to 0x40, are late'
    assert capsys.readouterr().err == f"a.mlir:4:1: error: {one}\na.mlir:4:1: {one}\n"
    assert not Path("report.txt").exists()


def test_only_the_machine_can_be_sanitized(model, capsys):
    assert main(["small.onnx", "--sanitize", "--level=prim"]) == 1
    assert "error: level prim has no addresses to check" in capsys.readouterr().err


def test_check_each_pass_finds_nothing_wrong_and_says_what_it_compared(model, capsys):
    assert main(["small.onnx", "--check-each-pass", "--report=none"]) == 0
    out, err = capsys.readouterr()
    assert not out and re.search(r"^canonicalize +xnn +\d+ +-$", err, re.MULTILINE)


def test_dimensions_get_their_size_from_the_command_line(model, capsys):
    dynamic = onnx.ModelProto()
    dynamic.CopyFrom(MODEL)
    dynamic.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch"
    onnx.save(dynamic, "dynamic.onnx")
    assert main(["dynamic.onnx", "--level=xnn"]) == 1
    assert "--bind batch=" in capsys.readouterr().err
    assert main(["dynamic.onnx", "--level=xnn", "--bind=batch=2", "--outputs=out.npz"]) == 0
    assert read_arrays("out.npz")["y"].shape == (2, 3)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("nope.onnx", "error: nope.onnx: No such file or directory"),
        ("small.onnx --inputs no.npz", "error: no.npz: No such file or directory"),
        ("small.onnx --expect no.npz", "error: no.npz: No such file or directory"),
        ("small.onnx --outputs no/out.npz", "error: no/out.npz: there is no folder no"),
        (
            "small.onnx --inputs yz.npz",
            "error: yz.npz: input 'x' is missing\nyz.npz: the network has",
        ),
        ("small.onnx --level graph", "error: argument --level: invalid choice: 'graph'"),
        ("small.onnx --bind batch", "error: --bind batch: expected DIM=N"),
        ("small.onnx --bind batch=-1", "error: --bind batch=-1: expected DIM=N"),
        ("small.onnx --bind batch=1 --bind batch=2", "error: --bind names batch twice"),
        (
            "small.onnx --input-shape x=1,2 --input-shape x=1,2",
            "error: --input-shape names x twice",
        ),
        ("small.onnx --bind batch=4", "error: the network has no dimension of unknown size called"),
        ("small.onnx --target nope", "error: "),
        ("small.onnx --set local.bank=2", "error: target has no field 'local.bank'"),
        ("small.onnx --set local.banks=two", "error: target field 'local.banks': 'two' is not"),
        ("small.onnx --seed x", "error: argument --seed: invalid int value: 'x'"),
        (
            "small.onnx --sanitise",
            "error: unrecognized arguments: --sanitise\nhint: did you mean --sanit",
        ),
        ("", "error: the following arguments are required: MODEL"),
        ("small.onnx --inputs=", "error: argument --inputs: is empty"),
        ("small.onnx --outputs=", "error: argument --outputs: is empty"),
        ("small.onnx --dump-levels=", "error: argument --dump-levels: is empty"),
        ("small.onnx --calibrate=no.npz", "error: calibrate is for formats of integers"),
        ("small.onnx --calibrate=no.npz --quantize=f16", "error: calibrate is for formats of int"),
        ("small.onnx --calibrate=no.npz --quantize=int8", "error: no.npz: No such file"),
        ("empty.onnx", "error: "),
        ("cut.onnx", "error: "),
        ("garbage.onnx", "error: "),
        ("empty.mlir", "error: empty.mlir: is empty"),
        ("x.npz", "error: x.npz: is not text (byte "),
        ("onnx.mlir", "error: onnx.mlir: is not text (byte 3 is no UTF-8)\nhint: a network is"),
        ("/dev/zero", "error: /dev/zero: is a device, expected a file or a pipe"),
        ("small.onnx --inputs=/dev/null", "error: /dev/null: is a device, expected a file or"),
    ],
)
def test_bad_input_is_one_message_and_leaves_no_file(model, arguments, message, capsys):
    Path("empty.onnx").touch()
    Path("empty.mlir").touch()
    Path("onnx.mlir").write_bytes(model.read_bytes())
    Path("cut.onnx").write_bytes(model.read_bytes()[:-20])
    Path("garbage.onnx").write_bytes(b"\xff\xfe garbage " * 50)
    before = files()
    outputs = [] if "--outputs" in arguments else ["--outputs", "out.npz"]
    assert main([*arguments.split(), *outputs, "--report-file", "report.txt"]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(message) and "Traceback" not in err and out == ""
    assert files() == before


@pytest.mark.parametrize(
    ("quantize", "warns"),
    [
        ("int8", True),
        (" int8 bits=4", True),
        ("int8 dynamic=true", False),
        ("int8 dynamic", False),
        ("int8 dynamic=false", True),
        ("f16", False),
    ],
)
def test_random_ranges_are_reported(model, quantize, warns, capsys):
    assert main(["small.onnx", "--level=xnn", "--quantize", quantize]) == 0
    assert ("ranges for --quantize come from random inputs" in capsys.readouterr().err) == warns


def test_unexpected_names_of_expected_outputs(model, capsys):
    assert main(["small.onnx", "--level=xnn", "--expect=x.npz"]) == 1
    assert "error: expected output 'x' is none of y, z" in capsys.readouterr().err


def shell(command: str) -> subprocess.CompletedProcess:
    folder = Path(sys.executable).parent
    command = command.replace("xnn-", f"{folder}/xnn-")
    return subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)


PIPES = [
    "cat small.onnx | xnn-run -",
    "xnn-run <(xnn-opt small.onnx --lower-to-dma)",
    "mkfifo p.onnx; cat small.onnx > p.onnx & sleep 0.1; xnn-run p.onnx",
    "xnn-run - < small.onnx",
    "cat text/prim.mlir | xnn-run /dev/stdin",
    "xnn-run <(cat small.onnx) --quantize=int8 --compare-float --tolerance=0.1",
    "xnn-opt small.onnx -o /dev/stdout | xnn-run -",
    "cp small.onnx small.pb; xnn-run small.pb",
    "mkfifo p.onnx; cat small.onnx > p.onnx & sleep 0.1; xnn-opt p.onnx -o a.mlir; xnn-run a.mlir",
]


@pytest.mark.parametrize("command", samples(1, PIPES))
def test_a_network_comes_through_a_pipe(model, command):
    """Arrays too: each pipe is read once."""
    assert main(["small.onnx", "--dump-levels=text", "--report=none"]) == 0
    files = "--inputs=<(cat x.npz) --expect=<(cat yz.npz)".replace("=<", " <")
    run = shell(f"{command} {files} --report=none")
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    assert "z: agrees" in run.stderr


@pytest.fixture
def pipe() -> Iterator[Callable[[str], str]]:
    """The name of a pipe that holds a file, which must be small."""
    with ExitStack() as stack:

        def filled(path: str) -> str:
            reader, writer = os.pipe()
            stack.callback(os.close, reader)
            os.write(writer, Path(path).read_bytes())
            os.close(writer)
            return f"/dev/fd/{reader}"

        yield filled


def test_a_pipe_of_samples_is_read_once_for_many_passes(model, pipe):
    for flags in ("--quantize=int8 --calibrate", "--check-each-pass --inputs"):
        arguments = [*flags.split(), pipe("x.npz"), "--level=xnn", "--report=none"]
        assert main(["small.onnx", *arguments]) == 0


def test_a_named_pipe_is_a_network(model):
    os.mkfifo("p.onnx")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(Path("p.onnx").write_bytes, model.read_bytes())
        assert main(["p.onnx", "--inputs=x.npz", "--expect=yz.npz", "--report=none"]) == 0


def test_what_comes_through_a_pipe_has_no_file_to_name(model):
    digits = Path(__file__).parents[2] / "tools" / "networks" / "digits.onnx"
    run = shell(f"cat {digits} | xnn-opt -")
    assert run.returncode == 1 and "as they are in memory" in run.stderr


def test_start_up_is_quick():
    code = "import sys; from xnn.tools.xnn_run import main\ntry: main(['--help'])\n"
    code += "finally: print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "onnx", "rich", "xdsl.parser"} & set(run.stdout.split())


def test_the_forms_of_the_report(model, capsys):
    assert main(["small.onnx", "--report=csv", "--sort=energy"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.startswith("name,") and [row[:2] for row in rows] == ["y,", "z,"]
    assert main(["small.onnx", "--report=markdown", "--report-file=r.md"]) == 0
    assert Path("r.md").read_text().startswith("## small on edge\n\n| layer | operator |")
    assert main(["small.onnx", "--check", "--report=csv"]) == 1
    assert "--check reports as text or json, not as csv" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [40, 100])
def test_text_is_as_wide_as_the_terminal(model, columns, monkeypatch):
    outside, terminal = os.openpty()
    monkeypatch.setenv("COLUMNS", str(columns))
    with open(outside, encoding="utf-8") as shown, ThreadPoolExecutor(1) as pool:
        lines = pool.submit(lambda: [shown.readline() for _ in range(3)])
        with open(terminal, "w") as stdout:
            monkeypatch.setattr(sys, "stdout", stdout)
            assert main(["small.onnx"]) == 0
        head = lines.result()[2].rstrip()
    assert head.startswith("layer") and len(head) <= columns
    assert ("operator" in head) == (columns == 100)


def test_advice_instead_of_a_run(model, capsys):
    assert main(["small.onnx", "--advise", "--effort=fast", "--report=json"]) == 0
    advice = json.loads(capsys.readouterr().out)
    (gain,) = (g for g in advice["gains"]["gains"] if g["resource"] == "local.rows")
    assert gain["twice"] == 2 * gain["has"] and advice["cycles"] > 0
    assert main(["small.onnx", "--advise", "--report=csv"]) == 1
    assert main(["small.onnx", "--advise", "--level=prim"]) == 1
    assert "--advise is for programs of level dsa" in capsys.readouterr().err


def test_pictures(model, capsys):
    flags = ["--roofline=a.svg", "--timeline=b.pdf", "--memory-map=c.png", "--energy=d.svg"]
    assert main(["small.onnx", *flags, "--time-only", "--report=none"]) == 0
    assert {"a.svg", "b.pdf", "c.png", "d.svg"} < files()
    assert main(["small.onnx", "--energy=a.gif"]) == 1
    assert "a.gif: pictures end in .svg, .pdf, .png" in capsys.readouterr().err
    assert main(["small.onnx", "--energy=new.svg", "--level=prim"]) == 1
    assert "has no times to draw" in capsys.readouterr().err and "new.svg" not in files()
    assert main(["small.onnx", "--energy=a.svg", "--roofline=a.svg"]) == 1


def test_a_run_without_pictures_imports_nothing_that_draws(model):
    code = "import sys; from xnn.tools.xnn_run import main; main(['small.onnx'])"
    code += "; assert not {'matplotlib', 'plotly'} & {*sys.modules}"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


def test_a_page_that_cannot_be_made_is_one_line(model, capsys, monkeypatch):
    assert main(["small.onnx", "--level=prim", "--report-html=page.html"]) == 1
    assert "error: level prim has no times to show on a page" in capsys.readouterr().err
    assert main(["small.onnx", "--report-html=nowhere/page.html"]) == 1
    assert "there is no folder nowhere" in capsys.readouterr().err
    page = sys.modules[require_libraries.__module__]
    monkeypatch.setattr(page, "LIBRARIES", ("json", "no_such_library"))
    assert main(["small.onnx", "--report-html=page.html"]) == 1
    err = capsys.readouterr().err
    assert "error: a page needs no_such_library" in err and "pip install 'xnn[report]'" in err
    assert "page.html" not in files()
