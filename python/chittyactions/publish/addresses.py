"""Where a user downloads the files of a release."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from chittyactions.publish.model import Release, ReleaseFile

_VALUES: dict[str, Callable[[Release, ReleaseFile], str]] = {
    "service": lambda release, _: release.service,
    "version": lambda release, _: str(release.version),
    "file": lambda _, file: file.name,
    "platform": lambda _, file: file.platform,
    "name": lambda release, _: release.name,
}

PLACEHOLDERS = tuple(_VALUES)
"""What `public_url` may hold in braces."""


def address(template: str, release: Release, file: ReleaseFile) -> str:
    """The address that `public_url` gives a file; `template` was judged where it came in."""
    return template.format_map({name: quote(value(release, file), safe="@/+") for name, value in _VALUES.items()})
