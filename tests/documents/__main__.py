"""`make docs`: writes anew what the documents show and what of them is generated.

    python -m tests.documents [--quick] [DOCUMENT ...]

Of the shown lines of a command: where a number or a space changed, the line as it is printed now;
where nothing is left out, all that is printed. It names the lines that it can't find: shorten those
anew by hand. `--quick` leaves out the commands that take a minute.
"""

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.documents import commands, dialects, operators


def renew(document: Path, quick: bool) -> list[str]:
    """Write the shown lines of `document` anew; returns what can't be found."""
    text = document.read_text()
    lines, problems = text.split("\n"), []
    for start, block in reversed(list(commands.blocks("console", text))):
        chosen = [
            shown
            for shown in commands.commands(start, block)
            if shown.is_checked or shown.is_run and not quick
        ]
        with TemporaryDirectory() as name:
            commands.prepare(Path(name))
            ran = [commands.run(shown.command, Path(name)) for shown in chosen]
        for shown, (code, now) in reversed(list(zip(chosen, ran))):
            try:
                if code != shown.fails:
                    raise LookupError(f"exit code {code}: {now[-1] if now else ''}")
                new = commands.renewed(shown.lines, now)
            except LookupError as error:
                problems.append(f"{document.name}:{shown.start}: {shown.command}\n    {error}")
                continue
            lines[shown.start : shown.start + len(shown.lines)] = new
    document.write_text("\n".join(lines))
    return problems[::-1]


def main() -> int:
    """The exit code says whether all shown lines were found."""
    parser = argparse.ArgumentParser(prog="python -m tests.documents")
    parser.add_argument("documents", nargs="*", type=Path, default=commands.DOCUMENTS)
    parser.add_argument("--quick", action="store_true", help="not what takes a minute")
    options = parser.parse_args()
    for generated in (dialects, operators):
        generated.PATH.write_text(generated.document())
    problems = [line for path in options.documents for line in renew(path, options.quick)]
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
