"""The user's fault, as a type of its own: tools print it in one line; anything else is our fault and shows its traceback."""

from xdsl.utils.exceptions import DiagnosticException


class UserError(DiagnosticException):
    """Something the user gave us is wrong.

    `message` is one line (or a list, one line per fault, when several are reported at once): what is wrong,
    at which node, what was expected. `location` is "file:line:col" where one is known; `hint` says how to mend it.
    """

    def __init__(self, message: str, *, location: str | None = None, hint: str | None = None):
        super().__init__(message)
        self.message = message
        self.location = location
        self.hint = hint
