"""The package as pip installs it, in an environment of its own and away from the sources."""

import subprocess
import sys
import tarfile
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parent.parent
DIGITS = "xnn/tools/networks/digits.onnx"
COMMANDS = """\
bin/xnn-run {model} --report-html page.html --roofline roofline.svg --dump-levels levels
bin/xnn-opt levels/prim.mlir --lower-to-dsa -o program.mlir
bin/xnn-run program.mlir --report json --report-file slow.json --set external.bytes_per_cycle=4
bin/python -m xnn.tools.xnn_run {model} --time-only --report json --report-file fast.json
bin/xnn-compare slow.json fast.json --fail-above 0%
bin/xnn-explore {model} --vary matmul.n=16,32 --report-html machines.html
bin/xnn-plan buffers.csv --capacity 8
"""


def run(*command: str | Path, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}: {done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Path, Path]:
    """A source distribution, and the wheel that is made from it."""
    folder = tmp_path_factory.mktemp("built")
    run(sys.executable, "-m", "build", "--outdir", folder, ROOT, folder=folder)
    return next(folder.glob("*.tar.gz")), next(folder.glob("*.whl"))


@pytest.mark.slow
def test_a_wheel_holds_the_package_and_nothing_else(built):
    source, wheel = built
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert {name.partition("/")[0] for name in names} == {"xnn"}
    assert not [name for name in names if "test" in name]
    tracked = run("git", "ls-files", "dialects", "passes", "runtime", "tools", folder=ROOT).split()
    expected = {f"xnn/{name.removeprefix('tools/_xnn/')}" for name in tracked}
    assert names == expected
    with tarfile.open(source) as archive:
        assert not [name for name in archive.getnames() if "/tests" in name]


@pytest.mark.slow
def test_the_commands_run_from_an_installed_wheel(built, tmp_path):
    venv.create(tmp_path, with_pip=True)
    wheel = f"{built[1]}[report,explore]"
    run(tmp_path / "bin/pip", "install", "--quiet", wheel, folder=tmp_path)
    model = next(tmp_path.glob(f"lib/*/site-packages/{DIGITS}"))
    (tmp_path / "buffers.csv").write_text("id,lower,upper,size\na,0,3,8\nb,3,9,8\n")
    for line in COMMANDS.format(model=model).splitlines():
        command, *arguments = line.split()
        run(tmp_path / command, *arguments, folder=tmp_path)
    for page in ("page.html", "machines.html"):
        assert "</html>" in (tmp_path / page).read_text()[-20:]
