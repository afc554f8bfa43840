"""What became of a deploy: everything that outputs, summary and comment are made of. No secret is in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chittyactions.deploy.gate import Verdict
from chittyactions.deploy.health import Answer
from chittyactions.deploy.situation import Way
from chittyactions.deploy.traffic import Split
from chittyactions.errors import ChittyError


@dataclass(frozen=True)
class Step:
    """One thing that was done: its name, what came of it, and the seconds that it took."""

    name: str
    result: str
    seconds: float


@dataclass
class Outcome:
    """Filled while the deploy goes on. `failure` is None when all went well; `rolled_back` when traffic was put back.

    `health` is the verdict on the version that was deployed, None when it does not serve after all.
    `before` is what served, `serves` what does now; `sizes` are the bundle's bytes now and before (0: not known).
    """

    service: str
    environment: str
    script: str
    commit: str
    way: Way = Way.GRADUAL
    dry_run: bool = False
    version_id: str = ""
    preview_url: str = ""
    deployment_url: str = ""
    before: Split = ()
    serves: Split = ()
    order: str = ""
    health: Verdict | None = None
    failed_gate: Verdict | None = None
    restored_answer: Answer | None = None
    rolled_back: bool = False
    triggers: tuple[str, ...] = ()
    sizes: tuple[int, int] = (0, 0)
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    failure: ChittyError | None = None

    @property
    def previous_version_id(self) -> str:
        """The version that had the most traffic before."""
        return max(self.before, key=lambda share: share.percentage).version_id if self.before else ""

    @property
    def deployed(self) -> bool:
        """Whether the new version has traffic now."""
        return any(share.version_id == self.version_id and share.percentage > 0 for share in self.serves)

    @property
    def health_word(self) -> str:
        """The output `health`: ok, version-not-asserted, failed, not-asked, or "" when it has no verdict."""
        if self.failed_gate is not None:
            return "failed"
        if self.health is not None:
            return self.health.word
        return "not-asked" if self.version_id and self.failure is None else ""

    def outputs(self) -> dict[str, str]:
        """The outputs of the action, by name."""
        return {
            "deployment_url": self.deployment_url,
            "preview_url": self.preview_url,
            "version_id": self.version_id,
            "previous_version_id": self.previous_version_id,
            "health": self.health_word,
            "rolled_back": str(self.rolled_back).lower(),
        }
