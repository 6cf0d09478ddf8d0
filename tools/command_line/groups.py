"""Groups of flags that several tools have."""

from xnn.tools.command_line.parser import Group, add_repeatable, enumeration
from xnn.tools.pass_specs import FLOAT_FORMATS, INTEGER_FORMATS


def add_machine(group: Group) -> None:
    """Declare the flags that describe the machine."""
    group.add_argument(
        "--target", dest="machine", metavar="NAME|FILE.toml", help="the machine (default: edge)"
    )
    add_repeatable(
        group, "--set", dest="settings", metavar="SECTION.KEY=VALUE", help="change one field"
    )


def add_sizes(group: Group) -> None:
    """Declare the flags for sizes that a network leaves open."""
    add_repeatable(
        group, "--bind", dest="bindings", metavar="DIM=N", help="size of a symbolic dimension"
    )
    add_repeatable(
        group,
        "--input-shape",
        dest="input_shapes",
        metavar="NAME=1,3,8",
        help="all sizes of an input",
    )


def add_tensors(group: Group) -> None:
    """Declare the flags about what becomes of a network's tensors between runs."""
    add_repeatable(
        group, "--tie", dest="ties", metavar="INPUT=OUTPUT", help="make INPUT state, next OUTPUT"
    )
    add_repeatable(group, "--dynamic", metavar="NAME", help="leave its address to the session")
    add_repeatable(group, "--borrowed", metavar="NAME", help="leave its bytes to the caller")


def add_operators(group: Group) -> None:
    """Declare `--operators`, whose files run as soon as they are named."""
    add_repeatable(
        group,
        "--operators",
        metavar="F.py",
        type=_run_file,
        help="register operators of your own",
    )


def _run_file(path: str) -> str:
    from xnn.runtime.extensions import load_file  # most command lines name none

    load_file(path)
    return path


def add_format(group: Group) -> None:
    """Declare the flags that choose a number format."""
    formats = enumeration((*INTEGER_FORMATS, *FLOAT_FORMATS))
    group.description = (
        f"FORMAT is {formats}; options of the pass `quantize` may follow one of integers, "
        "as in 'int8 rounding=gptq'."
    )
    group.add_argument("--quantize", metavar="FORMAT", help="compute in this number format")
    group.add_argument("--calibrate", metavar="F.npz", help="inputs to take ranges from")


def add_effort(group: Group) -> None:
    group.add_argument("--effort", metavar="EFFORT", help="fast, default or thorough")


def add_choices(group: Group) -> None:
    """Declare the flags that guide the compiler's choices."""
    add_effort(group)
    group.add_argument(
        "--objective", metavar="WHAT", help="make small: cycles (default), energy or traffic"
    )
    add_repeatable(
        group,
        "--schedule",
        dest="schedules",
        metavar="LAYER=FIELDS",
        help="force a layer's schedule",
    )


def add_report(group: Group, *forms: str) -> None:
    """Declare the flags for the form of a report, of which the first is the default, and its place."""
    group.add_argument(
        "--report",
        choices=forms,
        default=forms[0],
        metavar="FORM",
        help=f"{enumeration(forms)} (default: {forms[0]})",
    )
    group.add_argument("--report-file", metavar="F", help="where it goes, if not to stdout")
