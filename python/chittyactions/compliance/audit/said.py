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
        switches: which these are, by what was known of them, and when GitHub was asked, in seconds since 1970; 0: it
            was not, since its hour had ended for one. Raises CredentialError.
        whole: the files of a commit. Raises ChittyError and Unreadable.
        guarded: protection that the base facts lack, by what was known of it: what to keep, the fact, and when GitHub
            was asked for all of it. Raises CredentialError.
        together: within it `switches` and `guarded` are called for a repository that lacks protection.
    """

    observe: Callable[[Base, Service, Assembled, Fact[tuple[str, ...]]], Observed]
    switches: Callable[[Base, Switches | None], tuple[Fact[Switches], int]]
    whole: Callable[[Base], AbstractContextManager[Files]]
    guarded: Callable[[Base, Guarded], tuple[Guarded, Fact[Protection], int]]
    together: Callable[[Base], AbstractContextManager[None]]


@dataclass
class Said:
    """What services said of a repository, for all readings of it.

    Attributes:
        before: what an earlier audit knew of its workflows' states; `held`: of its protection; `last`: its `tried`.
        switches: what is known of them now; None: nobody has asked yet.
        guarded: the same of protection that only REST tells, with what is to be kept.
        tries: when GitHub was asked for each of these; `asked` of what: the repository, its branch and commit.
        observed: by a service's key, with the service as it was known then.
    """

    before: Switches | None
    held: Guarded = field(default_factory=Guarded)
    last: int = 0
    guarded: tuple[Guarded, Fact[Protection]] | None = None
    switches: Fact[Switches] | None = None
    tries: list[int] = field(default_factory=list)
    asked: tuple[str, ...] = ()
    observed: dict[str, tuple[Service, Observed]] = field(default_factory=dict)

    @property
    def kept(self) -> Guarded:
        """What is to be kept of its protection."""
        return self.guarded[0] if self.guarded else Guarded()

    @property
    def tried(self) -> int:
        """When GitHub was asked for all that only REST tells, whatever it said; 0: for a part of it not, or none."""
        return min(self.tries, default=0)

    def fits(self, base: Base) -> bool:
        """Whether it was said of just that commit: another one, or another branch, may have other words."""
        return self.asked == _asked(base)

    def ask(self, asking: Asking, base: Base, *, workflows: bool) -> None:
        """Ask for what only REST tells, once. Raises CredentialError."""
        self.asked = _asked(base)
        with nullcontext() if base.told or self.guarded else asking.together(base):
            if workflows and self.switches is None:
                self.switches, tried = asking.switches(base, self.before)
                self.tries.append(tried)
            if not base.told and self.guarded is None:
                kept, fact, tried = asking.guarded(base, self.held)
                self.guarded = kept, fact
                self.tries.append(tried)

    def of(
        self, asking: Asking, base: Base, service: Service, assembled: Assembled, off: Fact[tuple[str, ...]]
    ) -> Observed:
        """What services say of a service, with the protection that was asked for."""
        found = asking.observe(base, service, assembled, off)
        return replace(found, protection=self.guarded[1]) if self.guarded else found


def _asked(base: Base) -> tuple[str, ...]:
    return (base.name, base.branch, base.commit)
