"""The file that a check asks for, as a finding shows it: what `--fix` writes, as far as a check can know it."""

from __future__ import annotations

from chittyactions.compliance.engine import Subject
from chittyactions.compliance.fixing.templates import render
from chittyactions.compliance.fixing.values import stated_values, why_no_deploy
from chittyactions.environment import toolkit

SERVICE = "my-service"
"""Stands for a name that nobody states, for a person to put theirs in its place."""


def offer(subject: Subject) -> tuple[str, str]:
    """What a check says to do, and the file that it shows for it. Where that would deploy what worker-deploy refuses,
    the reason, what to do `undeployed`, and no file.
    """
    undeployed = subject.parameters.get("undeployed")
    if undeployed and (reason := why_no_deploy(subject.repository)):
        return f"{reason[:1].upper()}{reason[1:]}. {undeployed}", ""
    return str(subject.parameters["remediation"]), snippet(subject)


def snippet(subject: Subject) -> str:
    """The check's YAML `template`, filled in."""
    values = {"SERVICE": SERVICE, **stated_values(subject.service, subject.repository), "TRUST": "yes"}
    values.setdefault("WORKER", values["SERVICE"])
    text = (toolkit() / "templates" / str(subject.parameters["template"])).read_text("utf-8")
    return render(text, values, yaml=True)
