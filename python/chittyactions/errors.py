"""Every error that the toolkit raises, in one tree.

    ChittyError                  1
    ├── InputError               2   inputs that are missing, unknown or malformed, all of them at once
    ├── ToolError                1   a program is missing, failed, or took too long
    ├── ServiceError             1   a service did not do what was asked
    │   ├── Unreachable          1   no connection: the request was never sent
    │   ├── AnswerLost           1   the request was sent, no whole answer came back: done or not is unknown
    │   ├── BadAnswer            1   an answer that is not what the contract says (HTML, a redirect, too large)
    │   └── Refused              1   the service said no: carries status, code and message
    ├── CredentialError          1   no identity, or a credential that was not granted
    ├── ConfigError              1   the repository's own configuration cannot be used as it is
    ├── ArtifactError            1   a build artifact that cannot be trusted or read
    ├── GateError                1   a version that may not take traffic
    ├── Superseded               1   somebody else changed what this run was about to change
    └── Cancelled              130   the job was cancelled

Each says what happened, why, and what to do next; `main()` of an entry catches the root once and renders it.
A message never holds a response body, a stack or a secret.
"""

from __future__ import annotations

DOCS = "https://github.com/chittyos/chittyops/blob/main/docs/"


class ChittyError(Exception):
    """What happened, why, and what to do next.

    `what` is one sentence; `why` the cause as far as it is known; `fix` the next step for a person; `yaml` a
    block to paste; `docs` a page under docs/ (`getchitty-creds.md#no-identity`). All plain text without secrets.
    """

    exit_code = 1

    def __init__(self, what: str, *, why: str = "", fix: str = "", yaml: str = "", docs: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.fix = fix
        self.yaml = yaml
        self.docs = docs

    @property
    def link(self) -> str:
        """Address of the documentation page, or an empty string."""
        return DOCS + self.docs if self.docs else ""

    def __str__(self) -> str:
        lines = [self.what]
        for label, text in (("Why", self.why), ("Fix", self.fix)):
            if text:
                lines.append(f"  {label}: {text}")
        lines += ["    " + line for line in self.yaml.splitlines()]
        if self.link:
            lines.append(f"  Docs: {self.link}")
        return "\n".join(lines)


class InputError(ChittyError):
    """Inputs that cannot be used; every problem is reported at once."""

    exit_code = 2


class ToolError(ChittyError):
    """A program is missing, failed, or took too long."""


class ServiceError(ChittyError):
    """A service did not do what was asked. `service` is its name as a person knows it."""

    def __init__(
        self, what: str, *, service: str, why: str = "", fix: str = "", yaml: str = "", docs: str = ""
    ) -> None:
        super().__init__(what, why=why, fix=fix, yaml=yaml, docs=docs)
        self.service = service


class Unreachable(ServiceError):
    """No connection was made: the request was never sent."""

    permanent = False
    """Whether trying again is of no use (a certificate that is not trusted)."""


class AnswerLost(ServiceError):
    """The request was sent, and no whole answer came back: whether it took effect is unknown."""


class BadAnswer(ServiceError):
    """An answer that is not what the service's contract says. `status` is its HTTP status, 0 where none is known.

    A success (2xx) that can't be read may have taken effect.
    """

    status = 0


class Refused(ServiceError):
    """The service said no. `status` is the HTTP status, `code` the service's own code (may be empty)."""

    def __init__(
        self,
        what: str,
        *,
        service: str,
        status: int,
        code: str = "",
        why: str = "",
        fix: str = "",
        yaml: str = "",
        docs: str = "",
    ) -> None:
        super().__init__(what, service=service, why=why, fix=fix, yaml=yaml, docs=docs)
        self.status = status
        self.code = code
        self.offers: tuple[str, ...] = ()
        """What the service would have granted of, or in place of, what was asked."""


class CredentialError(ChittyError):
    """No identity to present, or a credential that was not granted."""


class ConfigError(ChittyError):
    """The repository's own configuration cannot be used as it is."""


class ArtifactError(ChittyError):
    """A build artifact that cannot be trusted or read."""


class GateError(ChittyError):
    """A version that may not take traffic."""


class Superseded(ChittyError):
    """Somebody else changed what this run was about to change; nothing was overwritten."""


class Cancelled(ChittyError):
    """The job was cancelled while this step was at work."""

    exit_code = 130
