"""What the caller of `package-publish` asked for: its inputs, read once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import Formatter
from urllib.parse import urlsplit

from chittyactions.inputs import Inputs
from chittyactions.publish.addresses import PLACEHOLDERS
from chittyactions.publish.platforms import read_platforms

NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}"
BUCKET = r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
FORMULA = r"(?:[A-Za-z0-9][A-Za-z0-9_.-]*/){0,4}[A-Za-z0-9][A-Za-z0-9_.+@-]{0,99}"
TAP = r"(?:[A-Za-z0-9][A-Za-z0-9-]{0,38}/)?[A-Za-z0-9_.-]{1,100}"

FOR_R2 = ("CLOUDFLARE_API_TOKEN", "CLOUDFLARE_ACCOUNT_ID")
FOR_THE_TAP = ("GITHUB_APP_ID", "GITHUB_APP_PRIVATE_KEY")

SECRETS = (*FOR_R2, "NPM_TOKEN", "TAP_TOKEN")
"""What a caller may bring itself."""


@dataclass(frozen=True)
class Request:
    """The inputs of the action. "" stands for what was not given."""

    phase: str
    service_name: str
    publish_npm: bool
    publish_r2: bool
    brew_formula: str
    working_directory: str
    package: str
    dist_tag: str
    access: str
    provenance: str
    registry_url: str
    bucket: str
    r2_endpoint: str
    tap: str
    tap_mode: str
    platforms: str
    dry_run: bool
    refresh_url: str
    public_url: str
    artifact: str
    own_secrets: tuple[str, ...]
    cloudflare_token: str
    account_id: str
    npm_token: str
    tap_token: str
    github_app_id: str
    github_app_private_key: str

    @property
    def has_own_r2(self) -> bool:
        """Whether the caller brings what R2 needs, in this step or the next."""
        return set(FOR_R2) <= set(self.own_secrets) or bool(self.cloudflare_token and self.account_id)

    @property
    def has_own_tap(self) -> bool:
        """Whether the caller brings what the tap needs."""
        return "TAP_TOKEN" in self.own_secrets or bool(self.tap_token or self.github_app_private_key)

    def credentials(self, *, prerelease: bool) -> tuple[str, ...]:
        """The names to get from ChittyConnect: what the channels need and no secret of the caller gives.

        A prerelease does not touch the tap. ChittyConnect issues no npm token, so that one is not asked for.
        """
        r2 = self.publish_r2 and not self.has_own_r2
        tap = self.brew_formula and not prerelease and not self.has_own_tap
        return (*(FOR_R2 if r2 else ()), *(FOR_THE_TAP if tap else ()))

    def required(self, *, prerelease: bool) -> tuple[str, ...]:
        """Those without which getting them has failed; the tap's may be missing beside R2's."""
        asked = self.credentials(prerelease=prerelease)
        return FOR_R2 if FOR_R2[0] in asked else asked


def read_inputs(read: Inputs) -> Request:
    """Every input of the action; raises InputError for all problems at once."""
    wanted = Request(
        phase=read.choice("phase", ("check", "publish"), "publish"),
        service_name=read.text("service_name", pattern=NAME, like="chittyauth", required=True),
        publish_npm=read.flag("publish_npm", default=False),
        publish_r2=read.flag("publish_r2", default=True),
        brew_formula=read.text("brew_formula", pattern=FORMULA, like="hello or Casks/hello.rb"),
        working_directory=read.text("working_directory", "."),
        package=read.text("package"),
        dist_tag=read.text("dist_tag", "auto", pattern=r"[A-Za-z][A-Za-z0-9._-]{0,63}", like="auto, latest or next"),
        access=read.choice("access", ("", "public", "restricted"), ""),
        provenance=read.choice("provenance", ("auto", "true", "false"), "auto"),
        registry_url=read.text("registry_url"),
        bucket=read.text("bucket", "chittyos-packages", pattern=BUCKET, like="chittyos-packages"),
        r2_endpoint=read.text("r2_endpoint"),
        tap=read.text("tap", "homebrew-tap", pattern=TAP, like="homebrew-tap or chittyos/homebrew-tap"),
        tap_mode=read.choice("tap_mode", ("commit", "pull-request", "dispatch"), "commit"),
        platforms=read.parsed("platforms", "", _platforms),
        dry_run=read.flag("dry_run", default=False),
        refresh_url=read.text("refresh_url"),
        public_url=read.text("public_url"),
        artifact=read.text("artifact", required=True, like="the path of the tar that package-build wrote"),
        own_secrets=read.names("own_secrets"),
        cloudflare_token=read.secret("cloudflare_token"),
        account_id=read.text("account_id", pattern=r"[0-9a-fA-F]{32}", like="32 hexadecimal digits").lower(),
        npm_token=read.secret("npm_token"),
        tap_token=read.secret("tap_token"),
        github_app_id=read.text("github_app_id", pattern=r"[A-Za-z0-9._-]{1,40}", like="123456"),
        github_app_private_key=read.secret("github_app_private_key"),
    )
    _check_addresses(read, wanted)
    if unknown := [name for name in wanted.own_secrets if name not in SECRETS]:
        read.problem(f"own_secrets names {', '.join(unknown)}: expected some of {', '.join(SECRETS)}")
    if wanted.publish_r2 and "CLOUDFLARE_API_TOKEN" in wanted.own_secrets and not wanted.has_own_r2:
        read.problem("CLOUDFLARE_API_TOKEN is passed without CLOUDFLARE_ACCOUNT_ID, the account that it is for")
    if wanted.brew_formula and not (wanted.publish_r2 or wanted.publish_npm or wanted.public_url):
        read.problem(
            "brew_formula is given, and there is no place to download from: publish to R2 (publish_r2: true) or npm, "
            "or name the address in public_url"
        )
    read.finish()
    return wanted


def _platforms(text: str) -> str:
    read_platforms(text)
    return text


def _check_addresses(read: Inputs, wanted: Request) -> None:
    for name, url in (
        ("registry_url", wanted.registry_url),
        ("r2_endpoint", wanted.r2_endpoint),
        ("refresh_url", wanted.refresh_url),
        ("public_url", wanted.public_url),
    ):
        if url and (wrong := _trouble(url)):
            read.problem(f"{name} {wrong}")
    if set("/?") & set(wanted.r2_endpoint.partition("://")[2].rstrip("/")):
        read.problem("r2_endpoint has a path or a query: give the origin alone; the bucket is the input `bucket`")
    if wanted.public_url and (strange := _strange_placeholders(wanted.public_url)):
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        read.problem(f"public_url holds {strange}, which is none of {known}")


def _trouble(url: str) -> str:
    """What is wrong with an address, "" when nothing is. Tokens go there, or files that will be run come from it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if parts.username or parts.password:
        return "holds a user name or a password, and everybody can read an input"
    if not host or not re.fullmatch(r"[!-~]+", url) or parts.scheme not in ("https", "http"):
        return "is no https:// address"
    if parts.scheme == "http" and host not in ("127.0.0.1", "localhost", "::1"):
        return "is not encrypted: it has to start with https://"
    if "#" in url:  # an empty fragment is none to urlsplit
        return "has a #fragment, which is never sent"
    return ""


def _strange_placeholders(template: str) -> str:
    """The placeholders that mean nothing, as they stand there."""
    try:
        found = [each for each in Formatter().parse(template) if each[1] is not None]
    except ValueError:
        return "a brace without its pair"
    names = [f"{name}{f'!{how}' if how else ''}{f':{form}' if form else ''}" for _, name, form, how in found]
    return ", ".join(f"{{{name}}}" for name in names if name not in PLACEHOLDERS)
