"""The border between the tools and the person who runs them.

The user's faults end as one message on stderr and exit code 1; ours keep their traceback and exit
with 2.
"""

import functools
import os
import sys
import traceback
from collections.abc import Callable, Sequence

from xnn.dialects.diagnostics import USER_FAULTS, as_user_error, one_line

USER_FAULT, OUR_FAULT, INTERRUPTED = 1, 2, 130


def user_errors(main: Callable[[Sequence[str]], int]) -> Callable[..., int]:
    """Make `main(arguments) -> exit code` report every error the way this module says."""

    @functools.wraps(main)
    def guarded(arguments: Sequence[str] | None = None) -> int:
        try:
            return main(sys.argv[1:] if arguments is None else arguments)
        except BrokenPipeError:  # the reader of our output, say `head`, has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return USER_FAULT
        except USER_FAULTS as error:
            fault = as_user_error(error)
            place = f"{fault.location}: " if fault.location else ""
            hint = f"\nhint: {fault.hint}" if fault.hint else ""
            print(f"{place}error: {fault.message}{hint}", file=sys.stderr)
            return USER_FAULT
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)
            return INTERRUPTED
        except Exception as error:
            from xnn.runtime.extensions import package_at_fault

            traceback.print_exc()
            print(
                f"error: this is a bug in {package_at_fault(error)}: {one_line(error)}",
                file=sys.stderr,
            )
            return OUR_FAULT

    return guarded
