"""The command line of xnn-opt: pipelines from flags, and one clear message for everything wrong."""

import subprocess
import sys
from pathlib import Path

import pytest
from xdsl.utils.arg_spec import ArgSpec

from xnn.dialects.diagnostics import UserError
from xnn.tools.command_line.flags import take_passes
from xnn.tools.pass_specs import SETTINGS, parse_pass_flag
from xnn.tools.xnn_opt import main

TEXT = """\
func.func @main(%x : i32) -> i32 {
  %a = arith.addi %x, %x : i32
  %b = arith.addi %x, %x : i32
  %c = arith.addi %a, %b : i32
  func.return %c : i32
}
"""
INVALID = 'func.func @f() {\n  "test.op"() : () -> ()\n}\n'

# pipelines from flags


def pipeline(*arguments: str) -> str:
    specs, rest = take_passes(arguments, {"a", "b", "c"}, SETTINGS)
    return " | ".join([",".join(map(str, specs)), " ".join(rest)])


@pytest.mark.parametrize(
    "arguments, expected",
    [
        ("--a in.mlir --b -o out", "a,b | in.mlir -o out"),
        ("in.mlir -p a,b --c --passes=a", "a,b,c,a | in.mlir"),
        ("-p a{x=1} --passes b", "a{x=1},b | "),
        ("--a --cse --d=1 -- --b", "a | --cse --d=1 -- --b"),
        ("--c --tie a=b --bind N=1 --set local.banks=8 --target=edge --set a.b=1", None),
        ("- -f onnx", " | - -f onnx"),
    ],
)
def test_passes_are_taken_in_order(arguments, expected):
    if expected is None:  # what the passes work for comes first
        expected = (
            'xnn-target{target="edge"},xnn-set{field="local.banks=8"},xnn-set{field="a.b=1"}'
            ',xnn-bind{dims="N=1"},xnn-tie{state="a=b"},c | '
        )
    assert pipeline(*arguments.split()) == expected


@pytest.mark.parametrize(
    "options, parameters",
    [
        ("", {}),
        ("x=1 y=2.5", {"x": (1,), "y": (2.5,)}),
        ("  {x=1,2,-3   y}", {"x": (1, 2, -3), "y": ()}),
        ("flag=true word=some-word", {"flag": (True,), "word": ("some-word",)}),
        ("file=a/b.toml n=1", {"file": ("a/b.toml",), "n": (1,)}),
        ('file="a b.toml" l="x y",z.w', {"file": ("a b.toml",), "l": ("x y", "z.w")}),
    ],
)
def test_options_of_a_pass_flag(options, parameters):
    assert parse_pass_flag("p", options) == ArgSpec("p", parameters)


@pytest.mark.parametrize("options", ["=1", 'x="1', "x=1;y", "x=="])
def test_unreadable_options_of_a_pass_flag(options):
    if options in ("x=1;y", "x=="):  # any word is a string
        assert parse_pass_flag("p", options).parameters == {"x": (options[2:],)}
    else:
        with pytest.raises(UserError, match="pass 'p': cannot read its options at"):
            parse_pass_flag("p", options)


def test_a_flag_without_its_argument():
    with pytest.raises(UserError, match="argument --target: expected one argument"):
        take_passes(["--target"], set(), SETTINGS)


def test_settings_stay_where_they_are_no_passes():
    specs, rest = take_passes(["--a", "--target", "edge", "--set=a.b=1"], {"a"})
    assert (specs, rest) == ([ArgSpec("a", {})], ["--target", "edge", "--set=a.b=1"])


# what the tool does


@pytest.fixture
def source(tmp_path) -> Path:
    path = tmp_path / "in.mlir"
    path.write_text(TEXT)
    return path


def test_passes_run_in_order_on_a_file_and_on_stdin(source, capsys, monkeypatch):
    assert main([str(source), "--cse", "--canonicalize"]) == 0
    from_file = capsys.readouterr().out
    assert from_file.count("arith.addi") == 2
    with source.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert main(["--cse", "-"]) == 0
    assert capsys.readouterr().out == from_file


def test_what_is_said_about_passes_goes_to_stderr(source, capsys):
    assert main([str(source), "--cse", "--dce", "--time-passes", "--print-between-passes"]) == 0
    out, err = capsys.readouterr()
    assert "pass" not in out and "// IR after" not in out
    assert "pass cse took " in err and "// IR after cse:" in err
    assert "// IR after dce:" not in err  # that one is the output


def test_output_goes_to_a_file(source, tmp_path, capsys):
    (tmp_path / "out.mlir").write_text("old")
    assert main([str(source), "-o", str(tmp_path / "out.mlir")]) == 0
    assert "arith.addi" in (tmp_path / "out.mlir").read_text()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.mlir", "out.mlir"]
    assert capsys.readouterr().out == ""
    assert main([str(source), "-o", "-"]) == 0
    assert "arith.addi" in capsys.readouterr().out


def test_a_device_is_written_and_stays_a_device(source):
    assert main([str(source), "-o", "/dev/null"]) == 0
    assert Path("/dev/null").is_char_device()


def test_locations_are_known_for_diagnostics_and_printed_on_demand(source, capsys):
    assert main([str(source), "--print-debuginfo"]) == 0
    assert f'loc("{source}":4:3)' in capsys.readouterr().out


@pytest.mark.parametrize("flag", ["--version", "--list-passes", "--list-targets", "--help"])
def test_the_tool_tells_about_itself(flag, capsys):
    with pytest.raises(SystemExit) as exit:
        main([flag])
    assert exit.value.code == 0
    out = capsys.readouterr().out
    expected = {
        "--version": "xnn-opt 0.",
        "--list-passes": "lower-to-dsa",
        "--list-targets": "edge ",
        "--help": "--bind DIM=N",
    }
    assert expected[flag] in out


def test_start_up_loads_nothing_heavy():
    code = "import sys; from xnn.tools.xnn_opt import main\ntry: main(['--help'])\n"
    code += "finally: print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.rpartition("\n\n")[2].split())
    heavy = {"numpy", "onnx", "rich", "xdsl.dialects.arith", "xdsl.interpreter"}
    registries = {"xnn.dialects", "xnn.dialects.diagnostics", "xnn.dialects.names"}
    registries |= {
        "xnn.passes",
        "xnn.passes.pipelines",
        "xnn.runtime",
        "xnn.runtime.extensions",
        "xnn.runtime.io",
        "xnn.runtime.io.files",
    }
    ours = {name for name in loaded if name.startswith("xnn.") and "xnn.tools" not in name}
    assert not heavy & loaded
    assert ours <= registries


# bad input: one message, exit code 1, nothing half-written


def fails(capsys, tmp_path, *arguments: str, files: int = 0) -> str:
    """The message of a run that must fail, with an output file that must not appear."""
    before = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    assert main([*arguments, "-o", str(tmp_path / "out.mlir")]) == 1
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before
    out, err = capsys.readouterr()
    assert out == "" and "Traceback" not in err
    return err.replace(str(tmp_path), "DIR").rstrip()


@pytest.mark.parametrize(
    "content, message",
    [
        ("", "error: DIR/in.mlir: is empty"),
        (" \n\n", "error: DIR/in.mlir: is empty"),
        ("func.func @f(", "DIR/in.mlir:1:14: error: Expected argument or type"),
        (
            "func.func @f() {\n  %0 = nope.op\n}",
            "DIR/in.mlir:2:3: error: there is no operation 'nope.op'",
        ),
        (
            "%0 = arith.constant 1 : i32\n%1 = arith.adi %0, %0 : i32",
            "DIR/in.mlir:2:1: error: there is no operation 'arith.adi': "
            "did you mean arith.andi or arith.addi or arith.divf?\n"
            "  %1 = arith.adi %0, %0 : i32\n  ^",
        ),
        (
            INVALID,
            "DIR/in.mlir:2:3: error: test.op: Operation test.op terminates block in single-block "
            "region but is not a terminator",
        ),
        (
            "%0 = arith.constant 1 : i32\n%1 = arith.constant 1 : i64\n"
            '%2 = "arith.addi"(%0, %1) : (i32, i64) -> i32',
            "DIR/in.mlir:3:1: error: arith.addi: ",
        ),
    ],
)
def test_text_that_is_no_module(content, message, tmp_path, capsys):
    (tmp_path / "in.mlir").write_text(content)
    assert fails(capsys, tmp_path, str(tmp_path / "in.mlir")).startswith(message)


def test_errors_count_lines_through_all_chunks_of_a_file(tmp_path, capsys):
    (tmp_path / "in.mlir").write_text(TEXT + "// -----\n" + INVALID)
    message = fails(capsys, tmp_path, str(tmp_path / "in.mlir"), "--split-input-file")
    assert message.startswith("DIR/in.mlir:9:3: error: test.op")


def test_garbage_is_no_text(tmp_path, capsys):
    (tmp_path / "in.mlir").write_bytes(bytes(range(256)) * 10)
    message = fails(capsys, tmp_path, str(tmp_path / "in.mlir"))
    assert message.startswith("error: DIR/in.mlir: is not text (byte 128 is no UTF-8)\nhint: ")


def test_a_quote_that_is_not_closed_ends_with_a_message(tmp_path, capsys):
    text = '"builtin.module"() ({}) {a = "' + "x" * 1000 + "\n"
    (tmp_path / "in.mlir").write_text(text)
    message = fails(capsys, tmp_path, str(tmp_path / "in.mlir"))
    assert message.startswith("DIR/in.mlir:1:30: error: End of file reached before closing string")


def test_deep_nesting_ends_with_a_message(tmp_path, capsys):
    depth = 5000
    (tmp_path / "in.mlir").write_text("builtin.module {" * depth + "}" * depth)
    assert "nested too deeply" in fails(capsys, tmp_path, str(tmp_path / "in.mlir"))


def test_files_that_cannot_be_read(tmp_path, capsys):
    assert fails(capsys, tmp_path, str(tmp_path / "no.mlir")) == (
        "error: DIR/no.mlir: No such file or directory"
    )
    assert fails(capsys, tmp_path, str(tmp_path)) == "error: DIR: Is a directory"
    (tmp_path / "model.pb").write_bytes(b"\xff")
    assert fails(capsys, tmp_path, str(tmp_path / "model.pb")) == (
        "error: DIR/model.pb: is not text (byte 0 is no UTF-8)\n"
        "hint: a network is text, or an ONNX model that is named .onnx"
    )
    assert fails(capsys, tmp_path, "/dev/zero") == (
        "error: /dev/zero: is a device, expected a file or a pipe"
    )


def test_an_output_folder_that_is_not_there(source, tmp_path, capsys):
    path = tmp_path / "no" / "out.mlir"
    assert main([str(source), "-o", str(path)]) == 1
    assert capsys.readouterr().err == f"error: {path}: No such file or directory\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (
            "--canonicalise",
            "error: unrecognized arguments: --canonicalise\nhint: did you mean --canonicalize",
        ),
        (
            "--print-generic-op",
            "error: unrecognized arguments: --print-generic-op\n"
            "hint: did you mean --print-op-generic",
        ),
        (
            "-p cse,canonicalise,xyz",
            "error: unknown pass 'canonicalise'\nunknown pass 'xyz'\n"
            "hint: did you mean canonicalize",
        ),
        ("--cse=x=1", "error: pass 'cse' has no option 'x'\nhint: it has no options"),
        (
            "--scf-parallel-loop-tiling=size=4",
            "error: pass 'scf-parallel-loop-tiling' has no option 'size'\n"
            "hint: its options are parallel-loop-tile-sizes: ",
        ),
        (
            "--scf-parallel-loop-tiling=parallel-loop-tile-sizes=a",
            "error: pass 'scf-parallel-loop-tiling{parallel-loop-tile-sizes=\"a\"}': ",
        ),
        ("-p cse{", "error: cannot read the pass pipeline:\npass-pipeline:1:5\n"),
        ("-p cse,,dce", "error: cannot read the pass pipeline:\n"),
        ("-p", "error: argument -p: expected one argument"),
        ("--output-file=", "error: argument -o/--output-file: is empty"),
        ("-t nope", "error: argument -t: invalid choice: 'nope'"),
        ("-f nope", "error: argument -f/--frontend: invalid choice: 'nope'"),
        ("more.mlir", "error: unrecognized arguments: more.mlir\nhint: see xnn-opt --help"),
    ],
)
def test_command_lines_that_make_no_sense(arguments, message, source, tmp_path, capsys):
    last = [] if arguments == "-p" else ["-o", str(tmp_path / "out.mlir")]
    assert main([str(source), *last, *arguments.split()]) == 1
    out, err = capsys.readouterr()
    assert err.startswith(message) and out == ""
    assert not (tmp_path / "out.mlir").exists()


def test_a_bug_keeps_its_traceback_and_says_that_it_is_one(source, tmp_path, capsys, monkeypatch):
    from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

    monkeypatch.setattr(CommonSubexpressionElimination, "apply", lambda *_: 1 / 0)
    assert main([str(source), "--cse", "-o", str(tmp_path / "out.mlir")]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err and err.endswith("error: this is a bug in xnn: division by zero\n")
    assert [path.name for path in tmp_path.iterdir()] == ["in.mlir"]


def test_invalid_ir_after_a_pass_names_the_pass(source, tmp_path, capsys, monkeypatch):
    from xdsl.transforms.common_subexpression_elimination import CommonSubexpressionElimination

    def spoil(self, ctx, module):
        from xdsl.dialects.builtin import i64
        from xdsl.rewriter import Rewriter

        Rewriter.replace_value_with_new_type(module.body.block.first_op.body.block.args[0], i64)

    monkeypatch.setattr(CommonSubexpressionElimination, "apply", spoil)
    message = fails(capsys, tmp_path, str(source), "--cse")
    assert message.startswith("DIR/in.mlir:")
    assert message.endswith("(after pass cse)") and len(message.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_error(source):
    command = f"{sys.executable} -m xnn.tools.xnn_opt {source} | true"
    run = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert run.stderr == ""
