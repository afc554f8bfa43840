"""By what npm signs in: a token, or trusted publishing by the job's id token, whose failures npm keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from chittyactions.errors import CredentialError
from chittyactions.publish.npm_cli import IDENTITY, NpmCli, default_registry
from chittyactions.publish.npm_said import PAGE, SERVICE, Said
from chittyactions.publish.package_json import PackageJson
from chittyactions.publish.publish_config import same_registry

PERMISSION_YAML = "permissions:\n  contents: read\n  id-token: write"
SECRET_YAML = "secrets:\n  NPM_TOKEN: ${{ secrets.NPM_TOKEN }}"  # noqa: S105 - what a person pastes


class Identity:
    """A token ("" for none) and the job's environment."""

    def __init__(self, token: str, provenance: str, environ: Mapping[str, str]) -> None:
        self.token = token
        self._provenance = provenance
        self._environ = environ

    @property
    def trusted(self) -> bool:
        """Whether the job can ask GitHub for an id token."""
        return all(self._environ.get(name) for name in IDENTITY)

    @property
    def workflow(self) -> str:
        """The caller's workflow file, as a trusted publisher names it; "" when it is not known."""
        path = self._environ.get("GITHUB_WORKFLOW_REF", "").partition("@")[0]
        return path.rpartition("/")[2]

    def check(self, name: str, *, exists: bool) -> None:
        """Raise CredentialError when there is nothing to sign in by."""
        if self.token:
            return
        if not self.trusted:
            raise CredentialError(
                f"There is neither an npm token nor an identity to publish {name} with.",
                why="The secret NPM_TOKEN was not handed over, and the job has no `id-token: write`.",
                fix="For trusted publishing grant the permission in the calling job (a package's first publish needs "
                "a token all the same), else hand the secret over:",
                yaml=f"{PERMISSION_YAML}\n# or\n{SECRET_YAML}",
                docs=f"{PAGE}#trusted-publishing",
            )
        if not exists:
            raise CredentialError(
                f"{name} is not on the registry yet, or not shown without a token: its first publish needs one.",
                why="A trusted publisher can be set for a package only once it exists.",
                fix="Publish the first version with the secret NPM_TOKEN, then set the trusted publisher and drop it:",
                yaml=SECRET_YAML,
                docs=f"{PAGE}#trusted-publishing",
            )

    def lacking(self, package: PackageJson, *, exists: bool) -> str:
        """What would keep a publish from signing in or from proving, "" for nothing that can be told beforehand."""
        try:
            self.check(package.name, exists=exists)
            self._insists(package)
        except CredentialError as error:
            return f"{error.what} {error.why}"
        return ""

    def refused(self, name: str, failure: Said) -> CredentialError | None:
        """What a refusal means; None with a token. Of a refused exchange npm says no more than ENEEDAUTH."""
        if self.token:
            return None
        repository = self._environ.get("GITHUB_REPOSITORY", "") or "the calling repository"
        workflow = self.workflow or "the caller's workflow file"
        if failure.code == "ENEEDAUTH" and "id_token" in failure.identity:
            why = "GitHub gave the job no id token."
            fix = "Grant `id-token: write` in the calling job; it has to be granted by every workflow in between too:"
            yaml = PERMISSION_YAML
        else:
            why = (
                f"{SERVICE} did not take the job's identity: its trusted publisher for {name} is another, or there is "
                f"none. It says: {failure.identity or 'nothing'}"
                if failure.code == "ENEEDAUTH"
                else f"{SERVICE} does not let the job's identity do this ({failure.code}): the trusted publisher of "
                f"{name} is another, or may not publish. npm says: {failure.words or 'nothing'}"
            )
            fix = (
                f"On the registry, in the settings of {name}, set the trusted publisher: repository {repository}, "
                f"workflow {workflow} (the caller's file, not the reusable one), "
                "and the environment that the job runs in, or none. Or hand over the secret NPM_TOKEN."
            )
            yaml = ""
        return CredentialError(
            f"Trusted publishing of {name} was refused.", why=why, fix=fix, yaml=yaml, docs=f"{PAGE}#trusted-publishing"
        )

    def provenance(self, cli: NpmCli, registry: str, package: PackageJson, *, public: Callable[[], bool]) -> bool:
        """Whether to publish a statement of provenance: as told, else where everything that it needs is given.

        It needs an id token, a public repository (its name goes to a public log), a `public` package, and npm's own
        registry.
        """
        wanted = self._insists(package)
        if wanted is not None:
            return wanted
        if not (self.trusted and self._repository_is_public() and public()):
            return False
        return same_registry(registry, default_registry(cli, self._environ))

    def _insists(self, package: PackageJson) -> bool | None:
        """What the workflow, else the package, says of provenance; None for nothing. Raises CredentialError."""
        wanted = self._provenance
        if wanted == "auto" and "provenance" in package.publish_config:
            wanted = "true" if package.publish_config["provenance"] else "false"
        if wanted == "true" and not self.trusted:
            raise CredentialError(
                "Provenance needs an id token, and the job has none.",
                why="The calling job does not grant `id-token: write`.",
                fix="Grant it, or leave provenance out:",
                yaml=PERMISSION_YAML,
                docs=f"{PAGE}#provenance",
            )
        return None if wanted == "auto" else wanted == "true"

    def _repository_is_public(self) -> bool:
        try:
            event = json.loads(Path(self._environ.get("GITHUB_EVENT_PATH", "")).read_text("utf-8"))
            return bool(event["repository"]["private"] is False)
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return False
