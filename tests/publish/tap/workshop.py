"""A tap in the local GitHub, a client for it whose waits take no time, and what is seen of both."""

from __future__ import annotations

from dataclasses import dataclass, field

from chittyactions.ecosystem.github_contents import Contents
from chittyactions.http import Client, Deadline
from chittyactions.publish.tap import Tap
from chittylocal import Local

FORMULA = "Formula/hello.rb"
OLD = 'class Hello < Formula\n  version "1.0.0"\nend\n'


class Hurried(Deadline):
    """A deadline by whose clock waiting takes no time."""

    def pause(self, seconds: float) -> None:
        """Go on at once."""


@dataclass
class Workshop:
    """A tap, a client for it, and what was said on the way."""

    local: Local
    repository: str
    tap: Tap
    said: list[str] = field(default_factory=list)

    def text(self, path: str = FORMULA, branch: str = "main") -> str:
        """What the tap has at a path."""
        return self.local.github.read(self.repository, path, branch)

    def messages(self, branch: str = "main") -> list[str]:
        """The messages of a branch's commits, newest first."""
        return [commit.message for commit in self.local.github.log(self.repository, branch)]

    def writes(self) -> list[tuple[str, str]]:
        """Every request that was to change something: method and the last part of the path."""
        asked = [entry for entry in self.local.requests("github") if entry["method"] != "GET"]
        return [(entry["method"], entry["path"].rpartition("/")[2]) for entry in asked]


def tap_of(
    local: Local, repository: str, said: list[str], *, token: str = "a-token", origin: str = "", try_timeout: float = 20
) -> Tap:
    """A client for a tap whose waits take no time; `origin` is where GitHub is, when not at the local one."""
    client = Client("GitHub's API", Hurried(20), try_timeout=try_timeout, environ={}, sleep=lambda _: None)
    url = f"{origin}/github" if origin else local.urls()["GITHUB_API_URL"]
    return Tap(Contents(client, repository=repository, token=token, base_url=url), say=said.append)
