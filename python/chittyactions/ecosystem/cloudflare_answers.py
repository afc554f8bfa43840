"""What Cloudflare's API answers, as far as a deploy reads it: unknown fields are passed over.

https://developers.cloudflare.com/api/resources/workers
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _null_is_nothing(cls, given: Any) -> Any:
        """A field that is null is one that is not there: the API is not strict about which."""
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given


class Share(Answer):
    """A version's part of the traffic, in percent."""

    version_id: str
    percentage: float


class Deployment(Answer):
    """Which versions serve since `created_on`; annotations carry the message that the deployer gave."""

    id: str
    created_on: str = ""
    author_email: str = ""
    versions: tuple[Share, ...] = ()
    annotations: dict[str, Any] = {}

    @property
    def message(self) -> str:
        """What the deployer wrote."""
        return str(self.annotations.get("workers/message", ""))


class Version(Answer):
    """An uploaded version. `number` counts the Worker's versions from 1."""

    id: str
    number: int = 0
    annotations: dict[str, Any] = {}

    @property
    def tag(self) -> str:
        """The tag that the uploader gave: the commit, for versions of this toolkit."""
        return str(self.annotations.get("workers/tag", ""))

    @property
    def message(self) -> str:
        """What the uploader wrote."""
        return str(self.annotations.get("workers/message", ""))


class Subdomain(Answer):
    """Whether a Worker answers on workers.dev, and whether its versions have preview URLs."""

    enabled: bool = False
    previews_enabled: bool = False


class Domain(Answer):
    """A custom domain and the Worker (`service`) that it leads to."""

    id: str
    hostname: str
    service: str = ""
    environment: str = ""
    zone_id: str = ""
    zone_name: str = ""


class Route(Answer):
    """A route of a zone; `script` is None when it switches Workers off."""

    id: str
    pattern: str
    script: str | None = None


class RouteInZone(Answer):
    """A route of a Worker, with the name of the zone that it is in."""

    pattern: str
    zone_name: str | None = None


class Zone(Answer):
    """A zone of the account."""

    id: str
    name: str


class Deployments(Answer):
    """The deployments of a Worker, newest first. Without the list nobody knows what serves: it has to be there."""

    deployments: tuple[Deployment, ...]


class Versions(Answer):
    """The versions of a Worker, newest first."""

    items: tuple[Version, ...] = ()


class Cron(Answer):
    """One cron trigger."""

    cron: str


class Schedules(Answer):
    """The cron triggers of a Worker."""

    schedules: tuple[Cron, ...] = ()


class Script(Answer):
    """A Worker's last Durable Object migration."""

    migration_tag: str | None = None


class DefaultEnvironment(Answer):
    """What a service consists of."""

    script: Script = Script()


class Service(Answer):
    """A Worker as the older API calls it."""

    default_environment: DefaultEnvironment = DefaultEnvironment()


class AccountSubdomain(Answer):
    """The account's name under workers.dev."""

    subdomain: str | None = None


class Made(Answer):
    """The id of what was made."""

    id: str = ""


class Problem(Answer):
    """One error of an envelope."""

    code: int | str = ""
    message: str = ""


class Envelope(Answer):
    """What every answer is wrapped in."""

    success: bool = False
    errors: tuple[Problem, ...] = ()
    result: Any = None
