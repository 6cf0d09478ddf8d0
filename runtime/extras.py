"""Packages that only some commands need: those of the extras in pyproject.toml."""

from importlib.util import find_spec

from xnn.dialects.diagnostics import UserError


def require(what: str, extra: str, *packages: str) -> None:
    """Raises UserError if one of the packages of `extra` that `what` needs is missing."""
    if missing := [name for name in packages if find_spec(name) is None]:
        raise UserError(
            f"{what} needs {' and '.join(missing)}", hint=f"pip install 'xnn[{extra}]' installs it"
        )
