"""ChittyTrust: what the service asks to be given, and who signs its users in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chittyactions.compliance.checks.connect_file import ConnectFile, connect_file, kind_of
from chittyactions.compliance.engine import Subject
from chittyactions.compliance.model import Finding

AT = ("onboarding", "provisions")


def provisions(subject: Subject) -> Iterable[Finding]:
    """`onboarding.provisions` of .chittyconnect.yml holds all of `wanted`; a mapping counts what it switches on."""
    wanted = [str(one) for one in subject.parameters["wanted"]]
    file = connect_file(subject)
    value = file.document.get(*AT) if file.document else None
    fix = "onboarding:\n  provisions:\n" + "".join(f"    - {one}\n" for one in wanted)
    if value is None:
        absent = file.document is None or not file.document.has(*AT)
        return [file.finding(subject, "onboarding.provisions is not declared.", AT, fix=fix, absent=absent)]
    asked = _asked(value)
    if asked is None:
        message = f"onboarding.provisions is {kind_of(value)}, not a list."
        return [file.finding(subject, message, AT, fix=fix)]
    off = [one for one in wanted if one not in asked and isinstance(value, dict) and one in value]
    lacking = [one for one in wanted if one not in asked and one not in off]
    found = [_switched_off(subject, file, one) for one in off]
    if lacking:
        lines = "".join(f"    {one}: true\n" if isinstance(value, dict) else f"    - {one}\n" for one in lacking)
        message = f"onboarding.provisions lacks {', '.join(lacking)}."
        found.append(file.finding(subject, message, AT, fix=lines))
    return found


def _switched_off(subject: Subject, file: ConnectFile, name: str) -> Finding:
    """The finding of a key that is there: another line with it would be one too many."""
    finding = file.finding(subject, f"onboarding.provisions.{name} is not switched on.", (*AT, name), fix="")
    return replace(finding, remediation=f"Set {name} to true there.")


def provider(subject: Subject) -> Iterable[Finding]:
    """`auth.provider` of .chittyconnect.yml is `provider`, to the letter."""
    wanted = str(subject.parameters["provider"])
    file = connect_file(subject)
    at = ("auth", "provider")
    value = file.document.get(*at) if file.document else None
    if value == wanted:
        return []
    fix = f"auth:\n  provider: {wanted}\n"
    if value is None:
        absent = file.document is None or not file.document.has(*at)
        return [file.finding(subject, "auth.provider is not declared.", at, fix=fix, absent=absent)]
    told = f"{value[:60]!r}" if isinstance(value, str) else kind_of(value)
    return [file.finding(subject, f"auth.provider is {told}, not {wanted}.", at, fix=fix)]


def _asked(value: Any) -> set[str] | None:
    """What a list or a mapping asks for; None for anything else."""
    if isinstance(value, list):
        return {one for one in value if isinstance(one, str)}
    if isinstance(value, dict):
        return {name for name, wish in value.items() if _is_on(wish)}
    return None


def _is_on(wish: Any) -> bool:
    if isinstance(wish, dict):
        wish = wish.get("enabled", True)
    # To YAML 1.2 `yes` and `on` are words.
    return wish is True or (isinstance(wish, str) and wish.lower() in ("true", "yes", "on"))
