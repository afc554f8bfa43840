"""How S3 says no."""

from __future__ import annotations

from xml.sax.saxutils import escape


class Refused(Exception):
    """An answer with an HTTP status, a code of S3 and a sentence."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def xml(self) -> bytes:
        """The body that carries the code."""
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f"<Error><Code>{escape(self.code)}</Code><Message>{escape(self.message)}</Message></Error>"
        ).encode()
