"""What the caller of `worker-deploy` asked for: its inputs, read once."""

from __future__ import annotations

from dataclasses import dataclass

from chittyactions.deploy.strategy import DEFAULT_STEPS, STRATEGIES, Choice, parse_steps, too_long
from chittyactions.inputs import Inputs

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"


@dataclass(frozen=True)
class Request:
    """The inputs of the action."""

    phase: str
    service_name: str
    environment: str
    working_directory: str
    artifact: str
    wrangler_version: str
    domain: str
    isolation: bool
    include_beacon: bool
    choice: Choice
    secrets_from: tuple[str, ...]
    allow_domain_takeover: bool
    allow_older: bool
    dry_run: bool
    comment: bool
    cloudflare_token: str
    account_id: str
    register_token: str
    github_token: str


def read_inputs(read: Inputs) -> Request:
    """Every input of the action; raises InputError for all problems at once."""
    wanted = Request(
        phase=read.choice("phase", ("check", "deploy", "settle"), "deploy"),
        service_name=read.text("service_name", pattern=NAME, like="hello", required=True),
        environment=read.text("environment", "production", pattern=NAME, like="production"),
        working_directory=read.text("working_directory", "."),
        artifact=read.text("artifact"),
        wrangler_version=read.text("wrangler_version"),
        domain=read.text("domain", pattern=HOST, like="hello.example.com").lower(),
        isolation=read.flag("isolation", default=True),
        include_beacon=read.flag("include_beacon", default=True),
        choice=Choice(
            health_path=read.text("health_path", "/health", pattern=r"/[^\s#]*", like="/health"),
            seconds=read.seconds("health_timeout", "120s", low=1, high=1800),
            strategy=read.choice("strategy", STRATEGIES, "auto"),
            steps=read.parsed("canary_steps", DEFAULT_STEPS, parse_steps),
            rollback=read.flag("rollback", default=True),
        ),
        secrets_from=read.names("secrets_from"),
        allow_domain_takeover=read.flag("allow_domain_takeover", default=False),
        allow_older=read.flag("allow_older", default=False),
        dry_run=read.flag("dry_run", default=False),
        comment=read.flag("comment", default=True),
        cloudflare_token=read.secret("cloudflare_token"),
        account_id=read.text("account_id", pattern=r"[0-9a-fA-F]{32}", like="32 hexadecimal digits").lower(),
        register_token=read.secret("register_token"),
        github_token=read.secret("github_token"),
    )
    if wanted.phase != "settle" and not wanted.artifact:
        read.problem("artifact is required: the tar that worker-build wrote")
    if problem := too_long(wanted.choice.strategy, wanted.choice.steps, wanted.choice.seconds):
        read.problem(problem)
    read.finish()
    return wanted
