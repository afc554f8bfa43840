"""The one place that talks to the GitHub Actions runner: workflow commands, command files, masks, summary.

Protocol: https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands. What the runner masks
by itself, and what it leaks, was measured; `mask_forms` adds the leaking forms.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys

from chittyactions.errors import ChittyError, CredentialError

TYPE_CHECKING = False
if TYPE_CHECKING:  # importing typing costs milliseconds that every exchange would pay
    from collections.abc import Callable, Mapping
    from typing import IO

SHORTEST_SECRET = 8
"""Characters. A shorter mask blanks unrelated words and drops unrelated job outputs."""

SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub keeps of one step's summary."""


def escape(text: str) -> str:
    """A workflow command's message on one line."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """A workflow command's property value."""
    return escape(text).replace(":", "%3A").replace(",", "%2C")


def inert(text: str) -> str:
    """`text` as the runner prints it and obeys none of it: foreign words may look like workflow commands."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    quiet = (line.replace("::", ": :", 1) if line.lstrip().startswith("::") else line for line in lines)
    return "\n".join(quiet).replace("##[", "## [")


def as_bytes(text: str) -> bytes:
    """UTF-8, whatever the text holds: bytes that came in through the environment as they were, other halves of
    surrogate pairs (JSON can hold them) as three bytes each.
    """
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def mask_forms(secret: str) -> list[str]:
    """Every form of `secret` to mask: whole, by line, and as hex, base64, base64url and JSON.

    The runner knows standard base64 of the value alone. Inside something longer (`user:secret`, a trailing
    newline) its encoding differs at the edges only, so the part that stays the same is masked for each of the
    three ways the value can lie on a three-byte boundary. That covers basic authentication for any user name.

    Of a mask with several lines the runner masks each line as well, however short. Where one of them is (the brace of
    a JSON document), the long ones are masked by themselves and the whole is not.
    """
    forms: dict[str, None] = {}
    lines = [line.strip() for line in secret.splitlines()]  # one line too: it may end in a newline
    long = [line for line in lines if len(line) >= SHORTEST_SECRET]
    for piece in dict.fromkeys([secret, *long]):
        if len(long) == sum(map(bool, lines)) or piece != secret or not long:
            forms[piece] = None
        raw = as_bytes(piece)
        for dump in (json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1]):
            forms[dump] = None
        hexadecimal = binascii.hexlify(raw).decode()
        forms[hexadecimal] = None
        forms[hexadecimal.upper()] = None
        for shift, spoiled in ((0, 0), (1, 2), (2, 3)):
            whole = (shift + len(raw)) * 8 // 6
            stable = base64.b64encode(b"\0" * shift + raw).decode()[spoiled:whole]
            forms[stable] = None
            forms[stable.replace("+", "-").replace("/", "_")] = None
    return [form for form in forms if len(form) >= SHORTEST_SECRET]


class Runner:
    """The runner, as one step sees it: its environment, its command files and its log."""

    def __init__(self, environ: Mapping[str, str] | None = None, stdout: IO[str] | None = None) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ
        self._stdout = sys.stdout if stdout is None else stdout
        self._masked: dict[str, None] = {}
        self._summary_size = 0

    # -- the log ---------------------------------------------------------------------------------------------

    def mask(self, name: str, secret: str) -> None:
        """Hide `secret` in every log from now on. `name` is said when it is too short to be hidden."""
        if len(secret) < SHORTEST_SECRET:
            raise CredentialError(
                f"{name} is {len(secret)} characters long, too short to be kept secret.",
                why=f"Masking fewer than {SHORTEST_SECRET} characters blanks unrelated words and drops outputs.",
                fix=f"Replace {name} by one of at least {SHORTEST_SECRET} characters.",
                docs="getchitty-creds.md#short-secrets",
            )
        forms = [form for form in mask_forms(secret) if form not in self._masked]
        self._masked.update(dict.fromkeys(forms))
        self._write("".join(f"::add-mask::{escape(form)}\n" for form in forms))

    def redact(self, text: str) -> str:
        """`text` with every masked value replaced by `***`: for what leaves by another way than the log."""
        for form in sorted(self._masked, key=len, reverse=True):
            text = text.replace(form, "***")
        return text

    def info(self, text: str) -> None:
        """Lines of the log. Nothing in them acts as a workflow command."""
        self._write(self.redact(inert(text)) + "\n")

    def debug(self, text: str) -> None:
        """A line that is shown only when debug logging is on."""
        self._command("debug", text)

    def notice(self, text: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation for information."""
        self._command("notice", text, title=title, file=file, line=line)

    def warning(self, text: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation for something that a person should look at."""
        self._command("warning", text, title=title, file=file, line=line)

    def error(self, text: str, *, title: str = "", file: str = "", line: int = 0) -> None:
        """An annotation for a failure."""
        self._command("error", text, title=title, file=file, line=line)

    def failed(self, failure: ChittyError) -> None:
        """Show an error of the tree: an annotation with cause and remedy, and its YAML in the log as it is pasted."""
        parts = [failure.what, failure.why, failure.fix, failure.link]
        self.error("\n".join(part for part in parts if part), title=failure.what.rstrip(".")[:120])
        if failure.yaml:
            self.info("\n" + failure.yaml + "\n")

    def group(self, title: str) -> _Group:
        """`with runner.group("Upload"):` folds the lines in between."""
        return _Group(self._command, title)

    # -- the command files -----------------------------------------------------------------------------------

    def output(self, name: str, value: str) -> None:
        """Set an output of this step. Mask a secret first: debug logs print outputs when the step ends."""
        self._record("GITHUB_OUTPUT", {name: value})

    def outputs(self, values: Mapping[str, str]) -> None:
        """Set several outputs by one write."""
        self._record("GITHUB_OUTPUT", values)

    def state(self, name: str, value: str) -> None:
        """Save a value for this action's own post step. No other step can read or change it."""
        self._record("GITHUB_STATE", {name: value})

    def saved(self, name: str) -> str:
        """A value that the main step saved, in the post step."""
        return self.environ.get(f"STATE_{name}", "")

    def export(self, name: str, value: str) -> None:
        """Set an environment variable for every later step of the job."""
        self._record("GITHUB_ENV", {name: value})

    def summary(self, markdown: str) -> None:
        """Append to this step's job summary. Text beyond the 1 MiB that GitHub keeps is dropped, and said so."""
        path = self.environ.get("GITHUB_STEP_SUMMARY")
        if not path:
            return
        data = self.redact(markdown).encode("utf-8", "replace") + b"\n"
        if self._summary_size + len(data) > SUMMARY_LIMIT:
            self.warning("The job summary is full; the rest of it is in the log.")
            return
        try:
            _append(path, data)
        except OSError as error:
            self.warning(f"The job summary could not be written: {error.strerror or type(error).__name__}.")
            return
        self._summary_size += len(data)

    # -- the wire --------------------------------------------------------------------------------------------

    def _record(self, variable: str, values: Mapping[str, str]) -> None:
        path = self.environ.get(variable)
        if not path:
            return
        delimiter = "chitty_" + os.urandom(16).hex()
        block = "".join(f"{name}<<{delimiter}\n{value}\n{delimiter}\n" for name, value in values.items())
        try:
            _append(path, as_bytes(block))
        except OSError as error:
            raise ChittyError(
                f"{variable} could not be written: {error.strerror or type(error).__name__}.",
                why="It names the file by which this step hands values to the runner.",
                fix="Check the disk of this runner and the rights of its work folder, then run again.",
            ) from None

    def _command(self, command: str, text: str, **properties: str | int) -> None:
        shown = ",".join(
            f"{key}={escape_property(self.redact(str(value)))}" for key, value in properties.items() if value
        )
        self._write(f"::{command}{' ' + shown if shown else ''}::{escape(self.redact(text))}\n")

    def _write(self, text: str) -> None:
        try:
            self._stdout.write(text)
            self._stdout.flush()
        except UnicodeEncodeError:  # a runner whose log is not UTF-8
            encoding = getattr(self._stdout, "encoding", None) or "ascii"
            self._stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
            self._stdout.flush()


def _append(path: str, data: bytes) -> None:
    with open(path, "ab") as file:  # noqa: PTH123 - pathlib costs an import on the exchange's path
        file.write(data)


class _Group:
    """A folded part of the log."""

    def __init__(self, command: Callable[[str, str], None], title: str) -> None:
        self._command = command
        self._title = title

    def __enter__(self) -> None:
        self._command("group", self._title)

    def __exit__(self, *_: object) -> None:
        self._command("endgroup", "")
