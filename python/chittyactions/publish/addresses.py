"""Where a user downloads the files of a release."""

from __future__ import annotations

from urllib.parse import quote

from chittyactions.publish.model import Release, ReleaseFile


def address(template: str, release: Release, file: ReleaseFile) -> str:
    """The address that `public_url` gives a file; `template` was judged where it came in."""
    values = {
        "service": release.service,
        "version": str(release.version),
        "file": file.name,
        "platform": file.platform,
        "name": release.name,
    }
    return template.format_map({name: quote(value, safe="@/+") for name, value in values.items()})
