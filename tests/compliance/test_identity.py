"""Which service a repository is, who says so, and who says otherwise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.claims import WHY, host_of
from chittyactions.compliance.identity import Claim, asked, identify, slug_of
from chittyactions.compliance.model import Service
from chittyactions.compliance.registry import Registry, read_registry
from chittyactions.compliance.repository import Repository
from chittyactions.compliance.settings import Settings, read_settings
from chittyactions.errors import ConfigError, InputError
from compliance.repositories import Content, repository

OURS = Path(__file__).resolve().parents[2] / "compliance/service-registry.yml"

REGISTRY = """
schema_version: 1
compliance_profiles:
  cloudflare-worker: {chittycanon: required}
  tool: {chittycanon: required}
  npm-package: {chittycanon: required}
  documentation: {chittycanon: required}
  org-config: {chittycanon: required}
organizations:
  CHITTYOS:
    services:
      chittyone: {repo: CHITTYOS/chittyone, tier: 2, type: cloudflare-worker, domain: one.chitty.cc}
      chittyfinance: {repo: CHITTYOS/chitty-finance, tier: 5, type: tool}
      left: {repo: CHITTYOS/monorepo, tier: 3, type: cloudflare-worker}
      right: {repo: CHITTYOS/monorepo, tier: 4, type: tool}
      docs: {repo: CHITTYOS/docs, type: documentation}
  ChittyCorp:
    services:
      twin: {repo: ChittyCorp/twin, type: tool, tier: 1}
  chittyapps:
    services:
      twin: {repo: chittyapps/twin, type: documentation}
"""

WORKER: dict[str, Content] = {"wrangler.toml": 'name = "w"\n'}
CONNECT = """service:
  name: chittytwo
  type: tool
  tier: 4
  domains:
    production: https://two.chitty.cc/
"""


@pytest.fixture(scope="module")
def registry() -> Registry:
    """A registry of three organisations."""
    return read_registry(REGISTRY, "registry.yml")


def told(service: Service) -> list[str]:
    """What is said of the disagreements about a service."""
    return [one.message for one in service.disagreements]


def test_each_field_comes_from_the_first_that_states_it(registry: Registry) -> None:
    """Inputs, else .chittyconnect.yml, else .chittyops.yml, else the registry; and each field says who stated it."""
    files: dict[str, Content] = {".chittyconnect.yml": "service:\n  name: chittyone\n  tier: 2\n", **WORKER}
    settings = read_settings("service: {tier: 2, domain: one.chitty.cc}")
    found = identify(repository(files), registry, settings, asked(kind="cloudflare-worker"), slug="chittyos/chittyone")
    assert (found.name, found.type, found.tier) == ("chittyone", "cloudflare-worker", 2)
    assert (found.domain, found.organization, found.repository) == ("one.chitty.cc", "CHITTYOS", "chittyos/chittyone")
    assert dict(found.sources) == {
        "name": ".chittyconnect.yml:2",
        "type": "the input",
        "tier": ".chittyconnect.yml:3",
        "domain": ".chittyops.yml",
        "organization": "the registry",
    }
    assert found.disagreements == ()


def test_without_any_word_the_manifests_tell(registry: Registry) -> None:
    """A repository that nobody describes is known by its wrangler file, and says that it was."""
    files: dict[str, Content] = {
        "apps/api/wrangler.toml": 'name = "api"\nroutes = [{pattern = "api.chitty.cc", custom_domain = true}]\n'
    }
    found = identify(repository(files), registry, slug="chittyos/unheard-of")
    assert (found.name, found.type, found.domain, found.tier) == ("api", "cloudflare-worker", "api.chitty.cc", None)
    assert found.organization == "chittyos"
    assert dict(found.sources)["type"] == "its manifests (apps/api/wrangler.toml)"
    assert "tier" not in dict(found.sources)
    assert found.disagreements == ()


def test_the_last_resort_for_a_name_is_where_it_lies(registry: Registry) -> None:
    """A name always comes out: the repository's, and outside of GitHub the folder's."""
    bare = identify(repository({}), registry, slug="chittyos/bare")
    assert (bare.name, bare.organization) == ("bare", "chittyos")
    assert (dict(bare.sources)["name"], dict(bare.sources)["organization"]) == ("the repository's name",) * 2
    homeless = identify(repository({}), registry)
    assert re.fullmatch(r"repository-\d+", homeless.name)
    assert (dict(homeless.sources)["name"], homeless.organization) == ("the folder's name", "")
    assert identify(repository({"a/setup.py": ""}, folder="a"), registry).name == "a"


def test_a_checkout_at_the_top_of_the_disk_has_no_name(registry: Registry) -> None:
    """There is no folder that it could be called like."""
    found = identify(Repository(Checkout(Path("/"), {}, "", remote="")), registry)
    assert (found.name, "name" in dict(found.sources)) == ("", False)


def test_services_of_a_monorepo_are_not_all_called_like_it(registry: Registry) -> None:
    """Without a word on its name, a service in a folder is called like that; its owner stays the repository's."""
    held: dict[str, Content] = {"services/a/setup.py": "", "services/b/setup.py": ""}
    found = [identify(repository(held, folder=f"services/{one}"), registry, slug="chittyos/many") for one in "ab"]
    assert [(one.name, one.folder) for one in found] == [("a", "services/a"), ("b", "services/b")]
    assert {(one.organization, one.repository) for one in found} == {("chittyos", "chittyos/many")}
    assert dict(found[0].sources)["name"] == "the folder's name"
    assert identify(repository(held), registry, slug="chittyos/many").folder == ""


def test_the_repository_of_an_organisations_configuration_is_known_by_its_name(registry: Registry) -> None:
    """`.github` is configuration whatever lies in it."""
    assert identify(repository({"package.json": "{}"}), registry, slug="chittyos/.github").type == "org-config"


def test_the_organisation_may_be_stated(registry: Registry) -> None:
    """Before the registry and the owner of the repository, at its line."""
    files: dict[str, Content] = {".chittyconnect.yml": "service:\n  name: x\n  organization: ChittyCorp\n"}
    found = identify(repository(files), registry, slug="chittyos/new")
    assert (found.organization, dict(found.sources)["organization"]) == ("ChittyCorp", ".chittyconnect.yml:3")


def test_the_remote_names_the_repository(registry: Registry) -> None:
    """Without a slug, origin's URL says which repository it is, and the registry knows it by that."""
    found = identify(repository(WORKER, remote="https://github.com/chittyos/ChittyOne.git"), registry)
    assert (found.name, found.repository, found.tier) == ("chittyone", "chittyos/ChittyOne", 2)


@pytest.mark.parametrize(
    "remote, slug",
    [
        ("https://github.com/chittyos/chittyops.git", "chittyos/chittyops"),
        ("https://github.com/chittyos/chittyops/", "chittyos/chittyops"),
        ("git@github.com:ChittyOS/.github.git", "ChittyOS/.github"),
        ("ssh://git@github.com/chittyos/-chittyos", "chittyos/-chittyos"),
        ("chittyos/chittyops", "chittyos/chittyops"),
        ("/srv/git/chittyops.git", ""),
        ("../elsewhere/chittyops", ""),
        ("file:///srv/git/chittyops", ""),
        ("", ""),
        ("chittyops", ""),
    ],
)
def test_a_remote_is_read_as_owner_and_name(remote: str, slug: str) -> None:
    """GitHub's URLs of either kind tell owner and name; a path on this disk tells neither."""
    assert slug_of(remote) == slug


def test_a_contradiction_is_a_finding_at_its_line(registry: Registry) -> None:
    """Each field that the registry states otherwise is told once, at the line of the file, and who counts."""
    text = "service:\n  name: chittyone\n  type: tool\n  tier: 4\n  domains:\n    production: other.chitty.cc\n"
    found = identify(repository({".chittyconnect.yml": text}), registry, slug="CHITTYOS/chittyone")
    assert [(one.path, one.line, one.column) for one in found.disagreements] == [
        (".chittyconnect.yml", 3, 3),
        (".chittyconnect.yml", 4, 3),
        (".chittyconnect.yml", 6, 5),
    ]
    assert told(found) == [
        ".chittyconnect.yml says that the service's type is tool, and the registry that it is cloudflare-worker.",
        ".chittyconnect.yml says that the service's tier is 4, and the registry that it is 2.",
        (
            ".chittyconnect.yml says that the service's domain is other.chitty.cc, and the registry that it is "
            "one.chitty.cc."
        ),
    ]
    assert (found.type, found.tier, found.domain) == ("tool", 4, "other.chitty.cc")
    assert found.disagreements[1].remediation == "Correct whichever is wrong. Until then 4 counts."


def test_an_input_against_a_file_points_at_the_file(registry: Registry) -> None:
    """The input counts, and the finding stands at the line that says otherwise."""
    found = identify(repository({".chittyconnect.yml": CONNECT}), registry, given=asked("chittyzwo", "tool", 4))
    assert told(found) == [
        "The input says that the service's name is chittyzwo, and .chittyconnect.yml that it is chittytwo."
    ]
    assert (found.disagreements[0].line, found.name) == (2, "chittyzwo")
    found = identify(repository({}), registry, read_settings("service: {name: y}"), asked("x", "tool"))
    assert [(one.path, one.line) for one in found.disagreements] == [(".chittyops.yml", 0)]


def test_everybody_who_says_otherwise_is_told(registry: Registry) -> None:
    """A source that says the same, or nothing, hides none behind it."""
    settings = read_settings("service: {name: chittyone, tier: 5}")
    files: dict[str, Content] = {".chittyconnect.yml": "service: {name: chittyone}", **WORKER}
    found = identify(repository(files), registry, settings, asked("chittyone", tier=3), slug="chittyos/chittyone")
    assert told(found) == [
        "The input says that the service's tier is 3, and .chittyops.yml that it is 5.",
        "The input says that the service's tier is 3, and the registry that it is 2.",
    ]


def test_case_scheme_and_slash_are_no_contradiction(registry: Registry) -> None:
    """GitHub does not tell names by their case, and a domain is the same with https:// before it."""
    text = "service:\n  name: ChittyOne\n  domains: {production: 'HTTPS://One.chitty.cc/'}\n"
    found = identify(repository({".chittyconnect.yml": text, **WORKER}), registry, slug="chittyos/chittyone")
    assert found.disagreements == ()
    assert found.domain == "one.chitty.cc"


def test_known_failure_22_a_misspelt_name_is_told(registry: Registry) -> None:
    """A name that the registry has not for this repository contradicts the one that it has."""
    found = identify(repository(WORKER), registry, given=asked("chittyoen"), slug="chittyos/chittyone")
    assert told(found) == [
        "The input says that the service's name is chittyoen, and the registry that it is chittyone."
    ]
    assert found.tier == 2


def test_known_failure_17_a_mistyped_type_is_an_error_with_a_suggestion(registry: Registry) -> None:
    """A type that has no profile ends the run, with where it stands and what was meant: never a row of n/a."""
    files: dict[str, Content] = {".chittyconnect.yml": "service:\n  name: x\n  type: cloudflare-wroker\n"}
    with pytest.raises(ConfigError, match=r"^\.chittyconnect\.yml:3 says .* did you mean cloudflare-worker\?"):
        identify(repository(files), registry)
    with pytest.raises(InputError, match=r"^The input says .* of the type worker.*did you mean cloudflare-worker\?"):
        identify(repository({}), registry, given=asked(kind="worker"))
    with pytest.raises(ConfigError, match=r"there is no such type\.") as caught:
        identify(repository({}), registry, read_settings("service: {type: zzz}"))
    assert "cloudflare-worker, tool, npm-package, documentation" in caught.value.why


def test_a_type_that_does_not_count_may_be_wrong(registry: Registry) -> None:
    """Where an input states the type, a file's unknown type is a contradiction and no end of the run."""
    files: dict[str, Content] = {".chittyconnect.yml": "service: {name: x, type: worker}"}
    found = identify(repository(files), registry, given=asked(kind="tool"))
    assert found.type == "tool"
    assert len(found.disagreements) == 1


@pytest.mark.parametrize("text", ["service: chittyone", "service: 'chittyone'\nonboarding: {endpoint: x}"])
def test_real_repositories_also_hold_service_as_a_string(registry: Registry, text: str) -> None:
    """`service` as a string is the service's name, and the rest comes from elsewhere."""
    found = identify(repository({".chittyconnect.yml": text, **WORKER}), registry)
    assert (found.name, found.tier, dict(found.sources)["name"]) == ("chittyone", 2, ".chittyconnect.yml:1")


@pytest.mark.parametrize(
    "text",
    [
        "service:\n  name: ${X_SERVICE_ID}\n  type: ${X_TYPE}\n  domains: {production: '${X}.chitty.cc'}",
        'service:\n  name: "{{ name }}"\n  type: "{{ type }}"\n  domains: {production: "{{ domain }}"}\n',
        "service:\n  name: {{ name }}\n",
        "service:\n  domains:\n    production: $DOMAIN\n",
        "service: [chittytwo]\n",
        "service:\n  name: [chittytwo]\n  type: {a: b}\n  domains: $DOMAINS\n",
        "service:\n  domains: {production: , staging: two.chitty.cc}\n",
        "service:\n  domains:\n",
        "- service\n",
        "service:\n\tname: chittytwo\n",
        "",
    ],
)
def test_real_repositories_also_hold_placeholders_and_broken_files(registry: Registry, text: str) -> None:
    """What is a placeholder, of another shape, or no YAML states nothing; the next source is asked."""
    found = identify(repository({".chittyconnect.yml": text, **WORKER}), registry, slug="chittyos/chittyone")
    assert (found.name, found.type, found.domain) == ("chittyone", "cloudflare-worker", "one.chitty.cc")
    assert found.disagreements == ()


@pytest.mark.parametrize("tier, read", [("3", 3), ("'3'", 3), ("0", 0), ("3.0", 3)])
def test_a_tier_may_be_written_as_a_text(registry: Registry, tier: str, read: int) -> None:
    """A tier in quotes, or with .0, is the same tier; tier 0 is one, and not "nothing said"."""
    found = identify(repository({".chittyconnect.yml": f"service: {{name: x, tier: {tier}}}"}), registry)
    assert found.tier == read
    assert found.disagreements == ()


@pytest.mark.parametrize("tier", ["6", "-1", "four", "true", "2.5", "6.0", "[2]"])
def test_a_tier_that_is_none_is_told_where_it_stands(registry: Registry, tier: str) -> None:
    """What can be no tier says nothing, and a finding at its line says so."""
    found = identify(repository({".chittyconnect.yml": f"service:\n  name: x\n  tier: {tier}\n"}), registry)
    assert found.tier is None
    assert [(one.line, one.column) for one in found.disagreements] == [(3, 3)]
    assert told(found)[0].startswith("service.tier in .chittyconnect.yml is not a whole number from 0 to 5")


@pytest.mark.parametrize("folder", ["", "services/a"])
def test_an_organisation_that_is_none_is_told_where_it_stands(registry: Registry, folder: str) -> None:
    """By each service that the file says it of."""
    text = "service:\n  name: x\n  organization: 5\n"
    found = identify(repository({".chittyconnect.yml": text, "services/a/setup.py": ""}, folder), registry)
    assert told(found) == [
        "service.organization in .chittyconnect.yml is not a text, such as chittyos, so that it says nothing."
    ]
    assert [(one.line, one.column) for one in found.disagreements] == [(3, 3)]
    assert found.organization == ""


@pytest.mark.parametrize("organization", ["", "'${ORGANIZATION}'", "chittyos"])
def test_an_organisation_may_be_left_open(registry: Registry, organization: str) -> None:
    """A placeholder is filled in later."""
    text = f"service: {{name: x, organization: {organization}}}"
    assert told(identify(repository({".chittyconnect.yml": text}), registry)) == []


def test_a_domain_that_is_none_is_told_where_it_stands(registry: Registry) -> None:
    """A production domain that can be none says nothing, and is told."""
    text = "service:\n  name: x\n  domains:\n    production: not a domain\n"
    found = identify(repository({".chittyconnect.yml": text}), registry)
    assert (found.domain, [one.line for one in found.disagreements]) == ("", [4])


MAPPING = "is not a mapping, such as {production: api.example.com}, so that it says nothing."
DOMAIN = "is not a domain, such as api.example.com, so that it says nothing."
UNREAD = "is a key that says nothing; did you mean production?"


@pytest.mark.parametrize(
    "domains, key, message",
    [
        ("[a.b.cc]", "", MAPPING),
        ("a.b.cc", "", MAPPING),
        ("5", "", MAPPING),
        ("''", "", MAPPING),
        ("{production: [a.b.cc]}", ".production", DOMAIN),
        ("{production: {host: a.b.cc}}", ".production", DOMAIN),
        ("{production: 5}", ".production", DOMAIN),
        ("{production: ''}", ".production", DOMAIN),
        ("{prod: a.b.cc}", ".prod", UNREAD),
        ("{Production: a.b.cc}", ".Production", UNREAD),
        ("{staging: a.b.cc, produciton: a.b.cc}", ".produciton", UNREAD),
    ],
)
def test_a_domain_in_another_shape_is_told(registry: Registry, domains: str, key: str, message: str) -> None:
    """Without a domain a Worker's router and health are passed over: whoever meant one learns that it is not read."""
    found = identify(repository({".chittyconnect.yml": f"service:\n  name: x\n  domains: {domains}\n"}), registry)
    assert told(found) == [f"service.domains{key} in .chittyconnect.yml {message}"]
    (finding,) = found.disagreements
    column = 12 + domains.index(key[1:]) if key else 3
    assert (found.domain, finding.path, finding.line, finding.column) == ("", ".chittyconnect.yml", 3, column)
    wanted = {
        MAPPING: "Write a mapping, such as {production: api.example.com} there, or remove the line.",
        DOMAIN: "Write a domain, such as api.example.com there, or remove the line.",
        UNREAD: "Rename it to production, or remove the line.",
    }
    assert (finding.remediation, finding.why) == (wanted[message], WHY)


def test_beside_a_production_domain_any_key_is_free(registry: Registry) -> None:
    """Nobody is asked about a preview's domain."""
    text = "service:\n  name: x\n  domains: {prod-preview: a.b.cc, production: b.cc}\n"
    assert told(identify(repository({".chittyconnect.yml": text}), registry)) == []


@pytest.mark.parametrize("tier, domain", [(6, ""), (-1, ""), (None, "no domain"), (3, "localhost")])
def test_inputs_that_can_be_no_tier_or_domain_are_refused(tier: int | None, domain: str) -> None:
    """What the caller states has to be possible; else the run ends and says what is wrong."""
    with pytest.raises(InputError, match=r"tier is|domain is"):
        asked("x", "tool", tier, domain)


def test_what_inputs_cannot_be_is_told_at_once() -> None:
    """Every problem, a long one cut off, with what to do."""
    cut = "x" * 100
    with pytest.raises(InputError) as caught:
        asked("x", "tool", 9, "x" * 101)
    assert str(caught.value).splitlines()[:2] == [
        f"The service cannot be checked: tier is 9, and tiers go from 0 to 5; domain is {cut}, which is no domain.",
        "  Fix: Correct the inputs, or leave them out: what they would say is then taken from the repository.",
    ]
    assert caught.value.docs == "compliance.md#identity"


def test_inputs_keep_what_they_state() -> None:
    """The domain is brought into the form that is compared."""
    assert asked("x", "tool", 0, "https://X.chitty.cc/") == Claim("the input", "x", "tool", 0, "x.chitty.cc")


def test_a_domain_is_compared_by_its_host() -> None:
    """Scheme, path, capitals and a last dot do not matter; a port or a space make it none."""
    assert host_of(" https://API.chitty.cc./health ") == "api.chitty.cc"
    assert host_of("https://api.x.chitty.xX.") == "api.x.chitty.xx"
    assert host_of("https://api.chitty.cc/https://other.cc") == "api.chitty.cc"
    assert [host_of(text) for text in ("api.chitty.cc:8080", "a b.cc", "chitty", "", "-a.cc")] == [""] * 5


# -- the registry ------------------------------------------------------------------------------------------------


def test_the_repository_finds_a_service_of_another_name(registry: Registry) -> None:
    """A service that is called otherwise than its repository is found by the repository."""
    found = identify(repository({"x.sh": ""}), registry, slug="chittyos/Chitty-Finance")
    assert (found.name, found.tier, dict(found.sources)["name"]) == ("chittyfinance", 5, "the registry")


def test_a_monorepo_needs_the_name(registry: Registry) -> None:
    """Of several services in one repository, only a name tells which; without one the registry says nothing."""
    assert identify(repository(WORKER), registry, given=asked("left"), slug="chittyos/monorepo").tier == 3
    assert identify(repository({"x.sh": ""}), registry, given=asked("right"), slug="chittyos/monorepo").tier == 4
    assert identify(repository(WORKER), registry, slug="chittyos/monorepo").tier is None


def test_a_folder_of_a_monorepo_is_named_by_its_manifest(registry: Registry) -> None:
    """Below the root the manifest's name is looked up, and never the repository's only other service."""
    files: dict[str, Content] = {"apps/left/wrangler.toml": 'name = "left"', "apps/new/wrangler.toml": 'name = "new"'}
    assert identify(repository(files, folder="apps/left"), registry, slug="chittyos/monorepo").tier == 3
    assert identify(repository(files, folder="apps/new"), registry, slug="chittyos/chittyone").tier is None
    assert identify(repository({"a/setup.py": ""}, folder="a"), registry, slug="chittyos/chittyone").tier is None


def test_the_same_name_in_two_organisations_needs_the_repository(registry: Registry) -> None:
    """A name that two organisations have says nothing by itself; nothing is picked."""
    assert identify(repository({"x.sh": ""}), registry, given=asked("twin")).tier is None
    assert identify(repository({"x.sh": ""}), registry, given=asked("twin"), slug="chittycorp/twin").tier == 1
    below = repository({"a/package.json": '{"name": "twin"}'}, folder="a")
    assert identify(below, registry, slug="chittycorp/twin").tier == 1


def test_a_fork_is_known_and_a_stranger_of_the_same_name_is_not(registry: Registry) -> None:
    """A fork keeps the repository's name; somebody else's `docs` service is none of the registry's."""
    assert identify(repository(WORKER), registry, given=asked("chittyone"), slug="someone/chittyone").tier == 2
    stranger = identify(repository({"x.sh": ""}), registry, given=asked("docs"), slug="someone/handbook")
    assert stranger.type == "tool"
    assert stranger.disagreements == ()


def test_every_service_of_the_registry_is_known_by_its_repository() -> None:
    """Each of ours is found by its repository alone, as itself, with all that the registry states of it."""
    ours = read_registry(OURS.read_text("utf-8"), "service-registry.yml")
    for owner, organization in ours.organizations.items():
        for name, entry in organization.services.items():
            found = identify(repository({}), ours, slug=entry.repo)
            assert (found.organization, found.name, found.type) == (owner, name, entry.type)
            assert (found.tier, found.domain) == (entry.tier, entry.domain or "")


# -- a service in a folder ---------------------------------------------------------------------------------------

PLATFORM = """service:
  name: platform
  type: tool
  tier: 9
  organization: ChittyCorp
  domains: {production: platform.chitty.cc}
"""


def test_the_root_does_not_describe_a_service_in_a_folder(registry: Registry) -> None:
    """Its .chittyconnect.yml states the organisation alone: name, type, tier and domain are the whole's."""
    files: dict[str, Content] = {".chittyconnect.yml": PLATFORM, "services/auth/wrangler.toml": 'name = "auth"'}
    found = identify(repository(files, folder="services/auth"), registry)
    assert (found.name, found.type, found.tier, found.domain) == ("auth", "cloudflare-worker", None, "")
    assert (found.organization, dict(found.sources)["organization"]) == ("ChittyCorp", ".chittyconnect.yml:5")
    assert found.disagreements == found.misnamed == ()
    other = identify(repository({**files, "services/auth/wrangler.toml": 'name = "left"'}, "services/auth"), registry)
    assert [(one.path, one.line) for one in other.disagreements] == [(".chittyconnect.yml", 5)]
    bare = identify(repository({**files, "services/web/setup.py": ""}, folder="services/web"), registry)
    assert (bare.name, bare.domain) == ("web", "")


@pytest.mark.parametrize("folder", ["platform", "apps/Plat_form"])
def test_the_root_may_name_the_folder_that_it_describes(registry: Registry, folder: str) -> None:
    """A folder without a manifest whose name stands there is the service that is described."""
    held: dict[str, Content] = {".chittyconnect.yml": PLATFORM, f"{folder}/x.sh": ""}
    found = identify(repository(held, folder=folder), registry)
    assert (found.name, found.domain, len(found.disagreements)) == ("platform", "platform.chitty.cc", 1)
    held[f"{folder}/package.json"] = "{}"
    found = identify(repository(held, folder=folder), registry)
    assert (found.name, found.domain, found.disagreements) == (folder.rpartition("/")[2], "", ())


def test_a_folder_with_a_file_of_its_own_is_described_by_it(registry: Registry) -> None:
    """The root's is not looked at then."""
    files: dict[str, Content] = {".chittyconnect.yml": PLATFORM, "a/.chittyconnect.yml": CONNECT}
    found = identify(repository(files, folder="a"), registry)
    assert (found.name, found.domain, found.organization) == ("chittytwo", "two.chitty.cc", "")


def test_a_client_below_does_not_name_the_repository(registry: Registry) -> None:
    """A repository whose only manifest is that of a package in a folder is called like itself."""
    found = identify(repository({"sdk/python/pyproject.toml": '[project]\nname = "foo-sdk"\n'}), registry, slug="a/foo")
    assert (found.name, found.stacks) == ("foo", ("python",))


NO_SERVICE = """apps/src is not known to be the folder of a service.
  Why: It has no manifest, no .chittyconnect.yml and no .chittyops.yml of its own, and nobody states its name or type. \
The files of what is around it would pass for its own.
  Fix: {what} If apps/src is a service, state its type: as an input, or as service.type in apps/src/.chittyops.yml.
  Docs: https://github.com/chittyos/chittyops/blob/main/docs/compliance.md#identity"""

ROOT: dict[str, Content] = {
    ".chittyconnect.yml": CONNECT,
    ".chittyops.yml": "",
    "wrangler.toml": "",
    "package.json": "{}",
    "apps/src/index.ts": "",
}


@pytest.mark.parametrize(
    "more, settings, what",
    [
        ({}, "", "Check the folder that apps/src is a part of, or the whole repository."),
        ({"apps/src/lib/package.json": "{}"}, "service: {name: mono, type: tool}",
         "Check the folder that apps/src is a part of, or the whole repository."),
        ({"apps/src/a/wrangler.toml": "", "apps/src/b/wrangler.toml": ""}, "",
         "Check each by its folder: `chittyops check apps/src/a`, `chittyops check apps/src/b`."),
    ],
)  # fmt: skip
def test_a_folder_of_a_service_is_no_service(
    registry: Registry, more: dict[str, Content], settings: str, what: str
) -> None:
    """The repository's own files are not its, so that it would pass without being one; the error says what to check."""
    with pytest.raises(ConfigError) as caught:
        identify(repository({**ROOT, **more}, "apps/src"), registry, read_settings(settings), slug="chittyos/new")
    assert str(caught.value) == NO_SERVICE.format(what=what)


@pytest.mark.parametrize(
    "more",
    [
        {"apps/src/.chittyconnect.yml": ""},
        {"apps/src/.chittyops.yml": ""},
        {"apps/src/requirements.txt": ""},
        {"apps/src/worker/wrangler.toml": ""},
        {"apps/src/wrangler.toml": "pages_build_output_dir = 'x'"},
        {".chittyconnect.yml": "service: {name: Src}"},
    ],
)
def test_a_folder_with_a_file_of_its_own_is_a_service(registry: Registry, more: dict[str, Content]) -> None:
    """A manifest, what states it, the one Worker below, or the root's file that names it."""
    assert identify(repository({**ROOT, **more}, "apps/src"), registry).folder == "apps/src"


def test_a_folder_is_a_service_where_somebody_says_so(registry: Registry) -> None:
    """An input states its name or its type, or settings that are not the root's usual ones do; a tier is not enough."""
    held = repository(ROOT, "apps/src")
    assert identify(held, registry, given=asked("auth")).name == "auth"
    assert identify(held, registry, given=asked(kind="tool")).type == "tool"
    for text in ("service: {name: auth}", "service: {type: tool}"):
        found = identify(held, registry, read_settings(text), settings_path="auth.yml")
        assert dict(found.sources)["name" if "name" in text else "type"] == "auth.yml"
    with pytest.raises(ConfigError, match=r"^apps/src is not known to be"):
        identify(held, registry, read_settings("service: {tier: 3}"), asked(tier=3), settings_path="auth.yml")


def test_settings_are_told_by_where_they_stand(registry: Registry) -> None:
    """A contradiction is shown in the file that was read, which lies in the service's folder."""
    files: dict[str, Content] = {"a/.chittyops.yml": "", "a/wrangler.toml": "", ".chittyops.yml": ""}
    found = identify(repository(files, "a"), registry, read_settings("service: {tier: 3}"), asked(tier=4))
    assert [one.path for one in found.disagreements] == ["a/.chittyops.yml"]


# -- what nobody decides -----------------------------------------------------------------------------------------


def test_several_workers_without_one_at_the_root_are_told_apart(registry: Registry) -> None:
    """The root is none of them; the finding names the folders to check, and is gone once a type is stated."""
    files: dict[str, Content] = {"services/auth/wrangler.toml": "", "services/billing/wrangler.jsonc": "{}"}
    found = identify(repository(files), registry, slug="chittyos/mono")
    assert (found.type, dict(found.sources)["type"]) == ("tool", "its manifests (no manifest says more)")
    (one,) = found.disagreements
    assert one.message == ("There are 2 Workers below, each in a folder of its own, so that this is checked as tool.")
    assert one.remediation == (
        "Check each by its folder: `chittyops check services/auth`, `chittyops check services/billing`. State here, as "
        "service.type in .chittyconnect.yml, what it is that holds them."
    )
    assert one.why == "What is required of a Worker is asked of each where it lies."
    assert (one.path, one.line, one.column) == ("services/auth/wrangler.toml", 0, 0)
    for kind in ("tool", "cloudflare-worker"):
        stated: dict[str, Content] = {**files, ".chittyconnect.yml": f"service: {{name: x, type: {kind}}}"}
        of = identify(repository(stated), registry)
        assert (of.type, of.disagreements) == (kind, ())
    assert identify(repository(files, "services/auth"), registry).disagreements == ()


@pytest.mark.parametrize("count, end", [(5, "."), (6, " and 1 more."), (8, " and 3 more.")])
def test_not_every_folder_of_many_is_named(registry: Registry, count: int, end: str) -> None:
    """Five are enough to see what is meant."""
    files: dict[str, Content] = {f"w{number}/wrangler.toml": "" for number in range(count)}
    (one,) = identify(repository(files), registry).disagreements
    told = ", ".join(f"`chittyops check w{number}`" for number in range(5))
    assert one.remediation.startswith(f"Check each by its folder: {told}{end} State here")


@pytest.mark.parametrize(
    "routes, told, example",
    [
        (["a.cc/*", "b.cc/*"], "a.cc, b.cc", "a.cc"),
        (["*.a.cc/*", "b.cc", "c.cc"], "*.a.cc, b.cc, c.cc", "b.cc"),
        (["*.a.cc/*"], "*.a.cc", "api.example.com"),
        ([f"{one}.cc" for one in "abcde"], "a.cc, b.cc, c.cc, d.cc, e.cc", "a.cc"),
        ([f"{one}.cc" for one in "abcdefg"], "a.cc, b.cc, c.cc, d.cc, e.cc and 2 more", "a.cc"),
    ],
)
def test_a_worker_whose_routes_are_not_one_domain_is_told(
    registry: Registry, routes: list[str], told: str, example: str
) -> None:
    """Its health and its route would not be asked, and nobody would know; the finding says where to state it."""
    files: dict[str, Content] = {"wrangler.toml": f'name = "w"\nroutes = {routes}\n'}
    found = identify(repository(files), registry)
    (one,) = found.disagreements
    assert found.domain == ""
    assert one.message == f"The routes of production lead to {told}, and nobody says which domain is the service's."
    assert one.remediation == (
        "State it as service.domains.production in .chittyconnect.yml, or as service.domain in .chittyops.yml."
    )
    assert one.why == "Without a domain neither the service's health nor its way through the router is looked at."
    assert one.fix == f"service:\n  domains:\n    production: {example}\n"
    assert (one.path, one.line, one.column) == ("wrangler.toml", 2, 1)
    stated = read_settings(f"service: {{domain: {example.replace('api.example.com', 'x.a.cc')}}}")
    assert identify(repository(files), registry, stated).disagreements == ()


def test_a_whole_host_is_the_domain(registry: Registry) -> None:
    """A route to all of it is as good as a custom domain."""
    found = identify(repository({"wrangler.toml": 'route = "a.chitty.cc/*"'}), registry)
    assert (found.domain, dict(found.sources)["domain"]) == ("a.chitty.cc", "its manifests (wrangler.toml)")
    assert found.disagreements == ()


# -- the manifests against the word ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "kind, files, message",
    [
        ("cloudflare-worker", {"package.json": "{}"}, "there is no wrangler file in it"),
        (
            "cloudflare-worker",
            {"site/wrangler.toml": "pages_build_output_dir = 'x'"},
            "says that this is a cloudflare-worker, and site/wrangler.toml describes a Pages project, not a Worker.",
        ),
        ("tool", WORKER, "wrangler.toml describes a Cloudflare Worker"),
        ("documentation", {"api/wrangler.json": "{}"}, "api/wrangler.json describes a Cloudflare Worker"),
        ("npm-package", {"x.sh": ""}, "there is no package.json in it"),
    ],
)
def test_a_repository_that_does_not_look_like_its_type_is_told(
    registry: Registry, kind: str, files: dict[str, Content], message: str
) -> None:
    """A Worker without a wrangler file, a tool that is a Worker, a package without package.json."""
    text = f"service:\n  name: x\n  type: {kind}\n"
    found = identify(repository({".chittyconnect.yml": text, **files}), registry)
    assert found.type == kind
    assert [message in one for one in told(found)] == [True]
    assert (found.disagreements[0].path, found.disagreements[0].line) == (".chittyconnect.yml", 3)


@pytest.mark.parametrize(
    "kind, files",
    [
        ("cloudflare-worker", WORKER),
        ("tool", {"package.json": '{"name": "a", "version": "1"}'}),
        ("tool", {"go.mod": ""}),
        ("npm-package", {"packages/a/package.json": "{}"}),
        ("documentation", {"package.json": "{}"}),
    ],
)
def test_a_repository_that_may_be_of_its_type_is_left_alone(
    registry: Registry, kind: str, files: dict[str, Content]
) -> None:
    """Documentation may be built by Node, and a tool may be a package: that is no contradiction."""
    assert identify(repository(files), registry, given=asked("x", kind)).disagreements == ()


def test_a_domain_that_no_route_leads_to_is_told(registry: Registry) -> None:
    """Where a Worker's routes lead elsewhere than the stated domain, that is told, with where they lead."""
    files: dict[str, Content] = {"wrangler.toml": 'route = "other.chitty.cc/*"'}
    found = identify(repository(files), registry, slug="chittyos/chittyone")
    assert told(found) == [
        (
            "The registry says that the service's domain is one.chitty.cc, and no route in wrangler.toml leads there "
            "(other.chitty.cc)."
        )
    ]


@pytest.mark.parametrize(
    "wrangler, package, places",
    [
        ("chittytwo", "chittytwo", []),
        ("chittytwo-production", "@chittyos/chitty-two-core", []),
        ("Chitty_Two", "two", []),
        ("bar", "chittytwo", [("wrangler.toml", 1, 1)]),
        ("chittytwo", "@chittytwo/bar", [("package.json", 1, 2)]),
        ("bar", "@x/baz", [("wrangler.toml", 1, 1), ("package.json", 1, 2)]),
    ],
)
def test_a_manifest_with_quite_another_name_is_told(
    registry: Registry, wrangler: str, package: str, places: list[tuple[str, int, int]]
) -> None:
    """A name with more to it is the same service's, whatever its capitals and separators; any other is told."""
    files: dict[str, Content] = {"wrangler.toml": f'name = "{wrangler}"', "package.json": f'{{"name": "{package}"}}'}
    text = "service: {name: chittytwo, type: cloudflare-worker}"
    found = identify(repository({".chittyconnect.yml": text, **files}), registry)
    assert [(one.path, one.line, one.column) for one in found.misnamed] == places
    assert (found.name, found.disagreements) == ("chittytwo", ())
    assert identify(repository(files), registry).misnamed == ()


def test_what_is_said_of_another_name(registry: Registry) -> None:
    """Who says what, and what counts until then."""
    (one,) = identify(repository({"wrangler.toml": 'name = "bar"'}), registry, given=asked("foo")).misnamed
    assert one.message == "The input says that the service's name is foo, and wrangler.toml that it is bar."
    assert (one.remediation, one.why) == ("Correct whichever is wrong. Until then foo counts.", WHY)


def test_a_wrangler_file_that_nobody_reads_is_told_where_it_disagrees(registry: Registry) -> None:
    """Somebody edits it, and nothing changes."""
    files: dict[str, Content] = {"wrangler.jsonc": '{"name": "one"}', "wrangler.toml": '\nname = "two"\nroute = "b.cc"'}
    found = identify(repository(files), registry)
    assert told(found) == [
        "wrangler.toml states another name than wrangler.jsonc, which wrangler reads in its place.",
        "wrangler.toml states other routes than wrangler.jsonc, which wrangler reads in its place.",
    ]
    one = found.disagreements[0]
    assert (one.path, one.line, one.column, one.why) == ("wrangler.toml", 2, 1, WHY)
    assert one.remediation == "Remove wrangler.toml, or have both say the same."


@pytest.mark.parametrize("route", ["one.chitty.cc/*", "*.chitty.cc/*", "*chitty.cc/api/*"])
def test_a_route_that_covers_the_domain_is_enough(registry: Registry, route: str) -> None:
    """Wildcards of a route cover the domain as they do at Cloudflare."""
    found = identify(repository({"wrangler.toml": f'route = "{route}"'}), registry, slug="chittyos/chittyone")
    assert found.disagreements == ()


def test_a_wildcard_of_another_zone_covers_nothing(registry: Registry) -> None:
    """`*.other.cc` leads nowhere near one.chitty.cc."""
    found = identify(repository({"wrangler.toml": 'route = "*.other.cc/*"'}), registry, slug="chittyos/chittyone")
    assert len(found.disagreements) == 1


def test_routes_without_a_stated_domain_contradict_nobody(registry: Registry) -> None:
    """A Worker with routes and no domain of its own says nothing that is wrong."""
    found = identify(repository({"wrangler.toml": 'route = "a.chitty.cc/api/*"'}), registry, slug="chittyos/new")
    assert (found.domain, found.disagreements) == ("", ())


def test_a_manifests_name_at_the_root_is_not_looked_up(registry: Registry) -> None:
    """A repository that the registry has not does not become a service of it by the name in its package.json."""
    found = identify(repository({"package.json": '{"name": "chittyone"}'}), registry, slug="chittyos/new")
    assert (found.type, found.tier, dict(found.sources)["name"]) == ("tool", None, "its manifests (package.json)")


def test_settings_state_what_the_connect_file_leaves_open(registry: Registry) -> None:
    """.chittyops.yml comes after .chittyconnect.yml, and before the registry."""
    settings = read_settings("service: {name: ignored, tier: 1}")
    found = identify(repository({".chittyconnect.yml": "service: {name: x}"}), registry, settings)
    assert (found.name, found.tier) == ("x", 1)
    assert told(found) == [
        ".chittyconnect.yml says that the service's name is x, and .chittyops.yml that it is ignored."
    ]
    assert identify(repository({}), registry, Settings()).tier is None
