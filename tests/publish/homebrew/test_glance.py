"""What a tap that edits itself has is told apart in any form, and nothing is guessed."""

from __future__ import annotations

import pytest
from semver import Version

from chittyactions.publish.formula_glance import glance
from publish.homebrew.samples import SAMPLES, Sample

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize("sample", SAMPLES.values(), ids=list(SAMPLES))
def test_a_form_of_the_wild(sample: Sample) -> None:
    """The version is known in every form."""
    assert glance(sample.text).version == Version(1, 4, 0)


@pytest.mark.parametrize(
    "body, version, sha256",
    [
        (f'version "1.4"; url "https://x/9.9.9.tgz"; sha256 "{A}"', "1.4.0", {A}),
        (f'url "https://x/hello-1.4.0.tgz"; mirror "https://y/hello-1.5.0.tgz"; sha256 "{A.upper()}"', "1.4.0", {A}),
        (f'on_arm {{ version "1.4.0"; sha256 "{A}" }}; on_intel {{ version "1.5.0"; sha256 "{B}" }}', "1.5.0", {A, B}),
        (f'version "1.4.0"; sha256 arm: "{A}", intel: "{B}"', "1.4.0", {A, B}),
        (f'version "1.4.0"; resource("x") {{ version "9.0.0"; sha256 "{A}" }}', "1.4.0", set()),
        ('version "1.4.0"; fails_with(:gcc) { version "11" }; def x; version "12"; end', "1.4.0", set()),
        (f'version "2024.01.02"; url "https://x/hello-1.4.0.tgz"; sha256 "{A}"', None, {A}),
        (f'version now; url "https://x/#{{now}}-1.4.0.tgz"; sha256 "{A}"', None, {A}),
        (f'version "1.4.0"; sha256 "{A}"; (', "1.4.0", {A}),
        ("", None, set()),
    ],
)
def test_what_is_plain_to_see(body: str, version: str | None, sha256: set[str]) -> None:
    """Stated goes before guessed, the highest counts, what others state does not, and damage harms nothing."""
    seen = glance(f"class Hello < Formula; {body}; end")
    assert (str(seen.version) if seen.version else None, set(seen.sha256)) == (version, sha256)
