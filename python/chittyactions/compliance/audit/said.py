"""What can be asked of a repository beside the base facts, and what was said of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from chittyactions.compliance.assemble import Assembled
from chittyactions.compliance.audit.guarded import Guarded
from chittyactions.compliance.audit.query import Base
from chittyactions.compliance.facts import Fact
from chittyactions.compliance.files import Files
from chittyactions.compliance.model import Service
from chittyactions.compliance.repository import Observed, Protection
from chittyactions.ecosystem.github_guard import Switches


@dataclass(frozen=True)
class Asking:
    """What can be asked beside the base facts, of one repository.

    Attributes:
        observe: what services say of a service, with the paths of workflows that are off.
        switches: which these are, by what was known of them. Raises CredentialError.
        whole: the files of a commit. Raises ChittyError and Unreadable.
        guarded: protection that the base facts lack, by what was known of it. Raises CredentialError.
        together: within it `switches` and `guarded` are called for a repository that lacks protection.
    """

    observe: Callable[[Base, Service, Assembled, Fact[tuple[str, ...]]], Observed]
    switches: Callable[[Base, Switches | None], Fact[Switches]]
    whole: Callable[[Base], AbstractContextManager[Files]]
    guarded: Callable[[Base, Guarded], tuple[Guarded, Fact[Protection]]]
    together: Callable[[Base], AbstractContextManager[None]]


@dataclass
class Said:
    """What services said of a repository, for all readings of it.

    Attributes:
        before: what an earlier audit knew of its workflows' states; `held`: of its protection.
        switches: what is known of them now; None: nobody has asked yet.
        guarded: the same of protection that only REST tells, with what is to be kept.
        observed: by a service's key, with the service as it was known then.
    """

    before: Switches | None
    held: Guarded = field(default_factory=Guarded)
    guarded: tuple[Guarded, Fact[Protection]] | None = None
    switches: Fact[Switches] | None = None
    observed: dict[str, tuple[Service, Observed]] = field(default_factory=dict)

    @property
    def kept(self) -> Guarded:
        """What is to be kept of its protection."""
        return self.guarded[0] if self.guarded else Guarded()

    def ask(self, asking: Asking, base: Base, *, workflows: bool) -> None:
        """Ask for what only REST tells, once. Raises CredentialError."""
        with nullcontext() if base.told or self.guarded else asking.together(base):
            if workflows and self.switches is None:
                self.switches = asking.switches(base, self.before)
            if not base.told and self.guarded is None:
                self.guarded = asking.guarded(base, self.held)

    def of(
        self, asking: Asking, base: Base, service: Service, assembled: Assembled, off: Fact[tuple[str, ...]]
    ) -> Observed:
        """What services say of a service, with the protection that was asked for."""
        found = asking.observe(base, service, assembled, off)
        return replace(found, protection=self.guarded[1]) if self.guarded else found
