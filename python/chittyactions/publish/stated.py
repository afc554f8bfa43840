"""The version of a package: what its manifest states and its tag confirms, or what the tag alone says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from semver import Version

from chittyactions.errors import ConfigError
from chittyactions.project.documents import shown
from chittyactions.publish.version import misread, parse, tagged, version_of_tag

DOCS = "package-build.md#versions"


@dataclass(frozen=True)
class Place:
    """Where a package is committed: `folder` in `checkout`, both absolute, for `service`; `ref` is the run's."""

    checkout: Path
    folder: Path
    service: str
    ref: str

    def shown(self, file: str = ".") -> str:
        """The path of a file of the package, as a person knows it."""
        return shown(self.folder / file, self.checkout)

    def stated(self, where: str, text: object, read: Callable[[str], Version]) -> Version:
        """The version that the manifest `where` states as `text`, with which a tag has to agree. Raises ConfigError."""
        if not isinstance(text, str) or not text.strip():
            raise ConfigError(f"{where} has no version.", fix="Add one, such as 1.0.0, and commit it.", docs=DOCS)
        try:
            version = read(text)
        except ValueError as error:
            raise ConfigError(
                f"{where} has a version that cannot be published.", why=f"{error}.", fix="Correct it.", docs=DOCS
            ) from None
        self._refuse_misread(read)
        found = tagged(self.ref, read)
        # `!=` knows nothing of build metadata: a tag may leave it out, and may not differ in it.
        if found and (found[1] != version or found[1].build not in (None, version.build)):
            raise ConfigError(
                f"The tag {self._tag} does not agree with {where}: {found[1]} there, {version} here.",
                why="This run is for the tag, and would publish what the file says.",
                fix=f"Commit version {found[1]} and move the tag, or tag this commit with {version}. "
                "In a monorepo, call the workflow for the tags of this package alone.",
                docs=DOCS,
            )
        return version

    def tagged(self, name: str, read: Callable[[str], Version] = parse) -> Version | None:
        """The version that the tag says of what is called `name`; None without one.

        A tag may call it by its service and by its folder too, as Go's tags of a module in a folder do.
        """
        self._refuse_misread(read)
        folder = "" if self.folder == self.checkout else self.shown()
        return version_of_tag(self.ref, name, self.service, folder, read=read)

    def from_tag(self, where: str, name: str, why: str) -> Version:
        """The version that nothing but the tag says, for the reason `why`. Raises ConfigError without one."""
        version = self.tagged(name)
        if version is None:
            at = f"This run is for {self.ref[:100]}, which is no tag" if self.ref else "This run is for no tag"
            raise ConfigError(
                f"There is no version for {where}.",
                why=(f"The tag {self._tag} names no version of {name}" if self._tag else at) + f", and {why}.",
                fix="Run it on a tag such as v1.2.3:",
                yaml='on:\n  push:\n    tags: ["v*.*.*"]',
                docs=DOCS,
            )
        return version

    def _refuse_misread(self, read: Callable[[str], Version]) -> None:
        """Raise ConfigError for a tag that says something like a version, which then can't be compared."""
        if misread(self.ref, read):
            raise ConfigError(
                f"The tag {self._tag} looks like a version, and cannot be read as one.",
                why="This run is for the tag, and a version that it may mean has to agree with what is published.",
                fix="Tag with the version as it is committed, such as v1.2.3, v1.2.3-rc.1 or hello@1.2.3; for other "
                "tags, such as a date's, do not call this workflow.",
                docs=DOCS,
            )

    @property
    def _tag(self) -> str:
        return self.ref.removeprefix("refs/tags/")[:100] if self.ref.startswith("refs/tags/") else ""
