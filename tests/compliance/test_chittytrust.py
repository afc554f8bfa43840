"""ChittyTrust's checks: what is asked for, and who signs in, as data and nowhere else in the file."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Wrong
from compliance.repositories import findings, repository

PROVISIONS, PROVIDER = "chittytrust.provisions", "chittytrust.provider"
FILE = ".chittyconnect.yml"
WANTED = ("chitty_id", "service_token", "certificate", "trust_chain")
LIST = "onboarding:\n  provisions: [chitty_id, service_token, certificate, trust_chain]\n"


@pytest.mark.parametrize(
    "text",
    [
        LIST,
        "onboarding:\n  provisions:\n  - trust_chain\n  - extra\n  - certificate\n  - service_token\n  - chitty_id\n",
        "onboarding:\n  provisions: {chitty_id: 'True', service_token: {}, certificate: yes, trust_chain: 'ON'}\n",
        LIST.replace("\n", "\r\n"),
        "\ufeff" + LIST,
    ],
    ids=["list", "in any order", "mapping", "CRLF", "byte order mark"],
)
def test_all_provisions_pass(text: str) -> None:
    """As a list or, as real repositories have it, as a mapping."""
    assert findings(PROVISIONS, {FILE: text}) == ()


@pytest.mark.parametrize("lacking", WANTED)
def test_each_provision_is_wanted(lacking: str) -> None:
    """The finding names what lacks, where the list is, and the line to add."""
    rest = [one for one in WANTED if one != lacking]
    (finding,) = findings(PROVISIONS, {FILE: f"onboarding:\n  provisions: [{', '.join(rest)}]\n"})
    assert finding.message == f"onboarding.provisions lacks {lacking}."
    assert (finding.path, finding.line, finding.column) == (FILE, 2, 3)
    assert finding.fix == f"    - {lacking}\n"
    assert not finding.absent


def test_a_mapping_counts_what_it_switches_on() -> None:
    """What is switched off is to be switched on at its line, as a second key would break the file; what is not there
    is a key to add.
    """
    text = "onboarding:\n  provisions:\n    chitty_id: true\n    service_token: false\n    certificate:\n"
    told = findings(PROVISIONS, {FILE: text})
    assert [(one.message, one.line, one.fix) for one in told] == [
        ("onboarding.provisions.service_token is not switched on.", 4, ""),
        ("onboarding.provisions.certificate is not switched on.", 5, ""),
        ("onboarding.provisions lacks trust_chain.", 2, "    trust_chain: true\n"),
    ]
    assert [one.remediation for one in told] == [
        "Set service_token to true there.",
        "Set certificate to true there.",
        "Add it to onboarding.provisions in .chittyconnect.yml.",
    ]
    assert not any(one.absent for one in told)
    assert findings(PROVISIONS, {FILE: text.replace("false", "true").replace("te:", "te: true") + told[2].fix}) == ()


@pytest.mark.parametrize(
    "wish", ["no", "off", "'false'", "0", "1", "''", "[]", "{enabled: false}", "{enabled: no}", "~"]
)
def test_a_wish_that_is_not_switched_on_is_none(wish: str) -> None:
    """Whatever YAML makes of the word: only true, yes and on ask, and a table that is not switched off."""
    text = (
        f"onboarding:\n  provisions: {{chitty_id: on, service_token: {{enabled: yes, days: 9}}, certificate: {wish}}}\n"
    )
    messages = [one.message for one in findings(PROVISIONS, {FILE: text})]
    assert messages == [
        "onboarding.provisions.certificate is not switched on.",
        "onboarding.provisions lacks trust_chain.",
    ]


def test_a_comment_gives_no_trust() -> None:
    """Known failure 7: what stands behind # is not asked for."""
    text = (
        "onboarding:\n  provisions: [] # chitty_id, service_token, certificate, trust_chain\n# provider: chittyauth\n"
    )
    (finding,) = findings(PROVISIONS, {FILE: text})
    assert "lacks chitty_id, service_token, certificate, trust_chain" in finding.message
    assert findings(PROVIDER, {FILE: text}) != ()


def test_a_provision_elsewhere_in_the_file_does_not_count() -> None:
    """Known failure 9: only onboarding.provisions asks."""
    text = "notes: [chitty_id, service_token, certificate, trust_chain]\nonboarding:\n  endpoint: chitty_id\n"
    (finding,) = findings(PROVISIONS, {FILE: text})
    assert finding.message == "onboarding.provisions is not declared."
    assert finding.absent
    assert finding.line == 2


@pytest.mark.parametrize("value", ["chitty_id", "12", "true"])
def test_provisions_of_another_kind(value: str) -> None:
    """A text that happens to hold the words asks for nothing."""
    (finding,) = findings(PROVISIONS, {FILE: f"onboarding: {{provisions: {value}}}\n"})
    assert "not a list" in finding.message
    assert not finding.absent


def test_provisions_that_are_empty_are_broken_and_not_absent() -> None:
    """Known failure 16: what is there and says nothing is not "not configured"."""
    (finding,) = findings(PROVISIONS, {FILE: "onboarding:\n  provisions:\n"})
    assert not finding.absent


@pytest.mark.parametrize("check", [PROVISIONS, PROVIDER])
@pytest.mark.parametrize("text", ["", "# nothing\n", None], ids=["empty", "comment", "no file"])
def test_no_settings_are_absent(check: str, text: str | None) -> None:
    """Without the file, or with an empty one, there is nothing yet; the fix is the whole block."""
    (finding,) = findings(check, {} if text is None else {FILE: text})
    assert finding.absent
    assert (finding.path, finding.line, finding.column) == ((FILE, 0, 0) if text is None else (FILE, 1, 1))
    assert finding.fix.splitlines()[0] in ("onboarding:", "auth:")


@pytest.mark.parametrize("check", [PROVISIONS, PROVIDER])
def test_settings_that_are_no_table(check: str) -> None:
    """A list, or a word, is told as what it is."""
    with pytest.raises(Wrong, match="no table") as caught:
        findings(check, {FILE: "- auth\n"})
    told = caught.value.finding
    assert (told.path, told.line, told.column, told.absent) == (FILE, 1, 1, False)


def test_chittyauth_passes() -> None:
    """Quoted or not."""
    assert findings(PROVIDER, {FILE: "auth: {provider: chittyauth}"}) == ()
    assert findings(PROVIDER, {FILE: "auth:\n  provider: 'chittyauth' # ours\n"}) == ()


@pytest.mark.parametrize(
    "value, told",
    [
        ("NOT-chittyauth-but-okta", "'NOT-chittyauth-but-okta'"),
        ("okta", "'okta'"),
        ("chittyauth2", "'chittyauth2'"),
        ("ChittyAuth", "'ChittyAuth'"),
        ("[chittyauth]", "a list"),
        ("{name: chittyauth}", "a table"),
        ("''", "''"),
        ("x" * 80, f"'{'x' * 60}'"),
    ],
)
def test_another_provider_fails(value: str, told: str) -> None:
    """Known failure 8: the value is compared whole, and told as far as it helps."""
    (finding,) = findings(PROVIDER, {FILE: f"auth:\n  provider: {value}\n"})
    assert finding.message == f"auth.provider is {told}, not chittyauth."
    assert (finding.line, finding.absent) == (2, False)
    assert finding.fix == "auth:\n  provider: chittyauth\n"


def test_a_provider_that_is_not_declared_is_told_where_it_belongs() -> None:
    """At the table that lacks it."""
    (finding,) = findings(PROVIDER, {FILE: "service:\n  name: a\nauth:\n  audience: a\n"})
    assert finding.message == "auth.provider is not declared."
    assert (finding.line, finding.column, finding.absent) == (3, 1, True)


@pytest.mark.parametrize("check", [PROVISIONS, PROVIDER])
def test_invalid_yaml_is_a_finding_with_its_place(check: str) -> None:
    """Known failure 8: invalid YAML passes nothing, whatever words it holds."""
    with pytest.raises(Wrong) as caught:
        findings(check, {FILE: "auth:\n  provider: NOT-chittyauth-but-okta: [\n"})
    assert caught.value.finding.path == FILE
    assert caught.value.finding.line == 2


def test_a_service_in_a_folder_has_its_own_settings() -> None:
    """The folder's file comes before that of the root."""
    held = repository({FILE: LIST, f"a/{FILE}": "onboarding: {provisions: []}\n"}, "a")
    (finding,) = findings(PROVISIONS, held)
    assert finding.path == f"a/{FILE}"
