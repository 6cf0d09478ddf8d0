"""Targets: what is refused, and how the message names it; the attribute that carries one."""

import tomllib
from dataclasses import asdict, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.dialects.builtin import DictionaryAttr, ModuleOp, UnitAttr
from xdsl.ir import Attribute
from xdsl.parser import Parser

from xnn.dialects.diagnostics import UserError
from xnn.dialects.target import Target
from xnn.runtime.targets import FOLDER, load_target, target_files
from xnn.tools.parsing import make_context

TEXT = (FOLDER / "edge.toml").read_text()


def fields_of_edge() -> dict:
    return {"name": "edge", **tomllib.loads(TEXT)}


def numbers(values: dict, prefix: str = "") -> list[str]:
    """Every field that is a number, as 'section.field'."""
    return [
        path
        for key, value in values.items()
        for path in (
            numbers(value, f"{prefix}{key}.") if isinstance(value, dict) else [f"{prefix}{key}"]
        )
        if path != "name"
    ]


PATHS = numbers(fields_of_edge())
OPTIONAL = [p for p in PATHS if p.startswith("energy_pj.mac_") or p == "sort.key_rows"]
"""What a target need not have: multipliers of a format, rows of keys."""


def changed(path: str, value: object) -> dict:
    """The fields of edge with one of another value; `del` leaves it out."""
    values = fields_of_edge()
    *sections, last = path.split(".")
    node = values
    for section in sections:
        node = node[section]
    if value is del_:
        del node[last]
    else:
        node[last] = value
    return values


del_ = object()


# fields


def test_all_fields_of_a_target_are_in_its_file_and_nothing_else():
    assert asdict(Target.from_fields(fields_of_edge())).keys() == {
        field.name for field in fields(Target)
    }
    assert len(PATHS) == 50


@pytest.mark.parametrize("path", [path for path in PATHS if path not in OPTIONAL])
def test_a_missing_field_is_named(path: str):
    with pytest.raises(UserError, match=f"^target field '{path}' is missing$"):
        Target.from_fields(changed(path, del_))


def test_a_format_without_energy_is_none_of_the_targets():
    target = Target.from_fields(changed("energy_pj.mac_f32", del_))
    assert target.mac_pj("f32") is None and target.mac_pj("i8") == 0.25
    assert target.mac_formats == ["i8", "i16", "i32", "f16", "f64"]
    module = ModuleOp([])
    target.attach(module)
    assert Target.of(module) == target
    assert target.with_field("energy_pj.mac_f32", "6") == Target.from_fields(fields_of_edge())


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "value", [-1, float("nan"), float("inf"), True, "64", [64], {"x": 1}], ids=repr
)
def test_an_impossible_value_is_refused_with_its_field(path: str, value: object):
    with pytest.raises(UserError, match=f"target field '{path}'"):
        Target.from_fields(changed(path, value))


MAY_BE_ZERO = ["external.latency_cycles", "static_mw", "matmul.idle_fraction"]
MAY_BE_ZERO += [path for path in PATHS if path.startswith(("energy_pj.", "area_mm2."))]


@pytest.mark.parametrize("path", PATHS)
def test_zero_is_possible_only_for_energies_and_latency(path: str):
    if path in MAY_BE_ZERO:
        Target.from_fields(changed(path, 0))
    else:
        with pytest.raises(UserError, match=f"target field '{path}' must be"):
            Target.from_fields(changed(path, 0))


def test_counts_are_whole_numbers_and_bandwidths_are_not():
    assert (
        Target.from_fields(changed("external.bytes_per_cycle", 12.8)).external.bytes_per_cycle
        == 12.8
    )
    assert Target.from_fields(changed("matmul.n", 32.0)).matmul.n == 32
    with pytest.raises(UserError, match="'matmul.n' must be a whole number, not 12.8"):
        Target.from_fields(changed("matmul.n", 12.8))


@pytest.mark.parametrize("path", ["turbo", "matmul.m", "operation_cycles.sine"])
def test_an_unknown_field_is_named(path: str):
    with pytest.raises(UserError, match=f"^unknown target field '{path}'$") as error:
        Target.from_fields(changed(path, 1))
    assert error.value.hint and error.value.hint.startswith("known here: ")


@pytest.mark.parametrize("path", ["matmul", "operation_cycles"])
def test_a_section_is_no_value(path: str):
    with pytest.raises(UserError, match=f"target field '{path}' is a section, not a value"):
        Target.from_fields(changed(path, 64))


# with_field


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("matmul.n", "32", 32),
        ("external.capacity_bytes", "1_000", 1000),
        ("local.rows", "0x10", 16),
        ("clock_hz", "1e9", 10**9),
        ("operation_cycles.divide", "7", 7),
        ("external.bytes_per_cycle", "0.3", 0.3),
        ("name", "mine", "mine"),
    ],
)
def test_one_field_is_set_and_no_other(path: str, text: str, expected: object):
    edge = load_target("edge")
    assert edge.with_field(path, text) == Target.from_fields(changed(path, expected))


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("matmul.m", "1", "target has no field 'matmul.m'"),
        ("matmul", "1", "target has no field 'matmul'"),
        ("speed.n", "1", r"target has no section 'speed' \(in 'speed.n'\)"),
        ("clock_hz.n", "1", r"target has no section 'clock_hz' \(in 'clock_hz.n'\)"),
        ("matmul.n", "many", "target field 'matmul.n': 'many' is not a number"),
        ("matmul.n", "", "target field 'matmul.n': '' is not a number"),
        ("matmul.n", "0", "target field 'matmul.n' must be at least 1, not 0"),
        ("matmul.n", "nan", "target field 'matmul.n' must be"),
        ("clock_hz", "inf", "target field 'clock_hz' must be"),
        ("dma.channels", "1025", "target field 'dma.channels' must be at most 1024, not 1025"),
        ("local.banks", "1e9", "target field 'local.banks' must be at most 65536, not 1000000000"),
        ("matmul.n", "65537", "target field 'matmul.n' must be at most 65536, not 65537"),
        ("local.rows", "1e10", "target field 'local.rows' must be at most 2147483647"),
        ("clock_hz", "99999999999999999999", "target field 'clock_hz' must be at most"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(path: str, text: str, message: str):
    with pytest.raises(UserError, match=message):
        load_target("edge").with_field(path, text)


# files


def test_the_reference_machine_is_there():
    assert "edge" in target_files()
    edge = load_target("edge")
    assert edge.local.capacity_bytes == 2**20
    assert edge.matmul_n(8) ** 2 == 4096
    assert [edge.matmul_n(bits) for bits in (8, 16, 32, 64)] == [64, 32, 16, 8]
    assert [edge.sort_lanes(bits) for bits in (8, 16, 32)] == [64, 32, 16]
    assert [edge.vector_lanes(bits) for bits in (8, 16, 32, 64)] == [64, 32, 16, 8]
    assert edge.engines == ("dma0", "dma1", "matmul", "sort", "vector", "general")


@pytest.mark.parametrize("name", target_files())
def test_every_shipped_target_loads_under_its_name(name: str):
    assert load_target(name).name == name


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("n = 64 ", "n = 0 ", 10, "target field 'matmul.n' must be at least 1, not 0"),
        ("n = 64 ", "m = 64 ", 10, "unknown target field 'matmul.m'"),
        ("divide = 4", "divide = -4", 30, "target field 'operation_cycles.divide' must"),
        (
            "[sort]\nlanes = 64 ",
            "[sort]\nlanes = 'x' ",
            17,
            "target field 'sort.lanes' must be a number, not 'x'",
        ),
        ("clock_hz = 1_000_000_000", "clock_hz = 0", 2, "target field 'clock_hz' must be at least"),
        ("[sort]", "[sorting]", 16, "unknown target field 'sorting'"),
        ("[sort]", "[ sorting ]  # ?", 16, "unknown target field 'sorting'"),
        ("n = 64 ", '"m" = 64 ', 10, "unknown target field 'matmul.m'"),
    ],
)
def test_a_fault_in_a_file_comes_with_its_line(
    tmp_path: Path, old: str, new: str, line: int, message: str
):
    path = tmp_path / "mine.toml"
    assert TEXT.count(old) == 1
    path.write_text(TEXT.replace(old, new))
    with pytest.raises(UserError) as error:
        load_target(str(path))
    assert message in str(error.value)
    assert error.value.location == f"{path}:{line}"


def test_a_missing_field_comes_with_the_line_of_its_section(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT.replace("queue_depth = 8\n", ""))
    with pytest.raises(UserError, match="'control.queue_depth' is missing") as error:
        load_target(str(path))
    assert error.value.location == f"{path}:5"


@pytest.mark.parametrize("text", ["n = \n", "[matmul\n", "n = 1\nn = 2\n"])
def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path, text: str):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=r"line \d+|end of document"):
        load_target(str(path))


def test_a_file_is_named_after_itself_unless_it_says_otherwise(tmp_path: Path):
    path = tmp_path / "mine.toml"
    path.write_text(TEXT)
    assert load_target(str(path)).name == "mine"
    path.write_text('name = "other"\n' + TEXT)
    assert load_target(str(path)).name == "other"


def test_a_file_may_change_fields_of_another_target(tmp_path: Path):
    (tmp_path / "small.toml").write_text('base = "edge"\n[matmul]\nn = 8\n[local]\nrows = 32\n')
    (tmp_path / "smaller.toml").write_text('base = "small.toml"\n[local]\nbanks = 2\n')
    edge, smaller = load_target("edge"), load_target(str(tmp_path / "smaller.toml"))
    assert smaller.name == "smaller"
    assert (smaller.matmul.n, smaller.local.rows, smaller.local.banks) == (8, 32, 2)
    assert smaller.matmul.accumulator_rows == edge.matmul.accumulator_rows
    assert (smaller.external, smaller.energy_pj) == (edge.external, edge.energy_pj)
    bad = tmp_path / "bad.toml"
    bad.write_text('base = "edge"\n[local]\nrow = 32\n')
    with pytest.raises(UserError, match="unknown target field 'local.row'") as error:
        load_target(str(bad))
    assert error.value.location == f"{bad}:3"


@pytest.mark.parametrize("base", ["own.toml", "other.toml"])
def test_a_target_is_not_its_own_base(tmp_path: Path, base: str):
    (tmp_path / "own.toml").write_text(f'base = "{base}"\n')
    (tmp_path / "other.toml").write_text('base = "own.toml"\n')
    with pytest.raises(UserError, match="target 'own' is its own base"):
        load_target(str(tmp_path / "own.toml"))


@pytest.mark.parametrize("name", ["nowhere", "nowhere.toml", "", "../targets/edge", "."])
def test_a_target_that_is_not_there_is_refused_with_those_that_are(name: str):
    with pytest.raises(UserError, match=f"no target '{name}'") as error:
        load_target(name)
    assert error.value.hint and "edge" in error.value.hint


# the attribute


@given(st.sampled_from(PATHS), st.integers(1, 1024))
def test_a_target_survives_as_text_of_a_module(path: str, value: int):
    target = Target.from_fields(changed(path, value))
    module = ModuleOp([])
    target.attach(module)
    assert Target.of(Parser(make_context(), str(module)).parse_module()) == target


def test_a_bandwidth_survives_exactly():
    target = Target.from_fields(changed("external.bytes_per_cycle", 0.1))
    module = ModuleOp([])
    target.attach(module)
    read = Target.of(Parser(make_context(), str(module)).parse_module())
    assert read.external.cycles_per_byte == target.external.cycles_per_byte == 10


def test_a_module_without_a_target_is_refused_with_the_flag():
    with pytest.raises(UserError, match="the module has no target") as error:
        Target.of(ModuleOp([]))
    assert error.value.hint == "add --target=NAME, for example edge"


@pytest.mark.parametrize(
    "attribute",
    [UnitAttr(), DictionaryAttr({}), DictionaryAttr({"name": UnitAttr()})],
    ids=["unit", "empty", "kind"],
)
def test_an_attribute_that_is_no_target_is_the_users_fault(attribute: Attribute):
    module = ModuleOp([], {"xnn.target": attribute})
    with pytest.raises(UserError):
        Target.of(module)
