"""The ChittyRegister checks: a heartbeat that is really sent, and a registry that knows the service."""

from __future__ import annotations

import pytest

from chittyactions.compliance.facts import Fact, NotAsked, NotKnown
from chittyactions.compliance.repository import Observed
from compliance.repositories import Content, findings, repository, service

HEARTBEAT = "chittyregister.heartbeat"
REGISTERED = "chittyregister.registered"
URL = "https://registry.chitty.cc/api/services/chittyexample/heartbeat"


def step(text: str) -> dict[str, Content]:
    return {".github/workflows/w.yml": f"on: push\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {text}\n"}


KEY = "{CHITTYCONNECT_API_KEY: '${{ secrets.CHITTYCONNECT_API_KEY }}'}"


def deploy(more: str = "", name: str = "reusable-worker-deploy.yml", secrets: str = KEY) -> dict[str, Content]:
    uses = f"uses: chittyos/chittyops/.github/workflows/{name}@v2"
    return {".github/workflows/w.yml": f"on: push\njobs:\n  j:\n    {uses}\n    secrets: {secrets}\n{more}"}


def beats(files: dict[str, Content]) -> bool:
    return not findings(HEARTBEAT, files)


def test_no_heartbeat_is_absent_and_comes_with_a_deploy_that_sends_it() -> None:
    """The workflow that is offered passes the check, and names the service."""
    (one,) = findings(HEARTBEAT, {"README.md": "x"})
    assert one.absent
    assert "service_name: chittyexample" in one.fix
    assert beats({one.path: one.fix})


def test_our_deploy_workflow_counts() -> None:
    """It sends the heartbeat itself, unless it only rehearses."""
    assert beats(deploy())
    assert not beats(deploy("    with: {dry_run: true}\n"))
    assert not beats(deploy(name="reusable-package-publish.yml"))
    assert not beats(deploy("    if: false\n"))


@pytest.mark.parametrize(
    "secrets, counts",
    [
        (KEY, True),
        (KEY.lower(), True),
        ("inherit", True),
        ("", False),
        ("{}", False),
        ("{CLOUDFLARE_API_TOKEN: x, CLOUDFLARE_ACCOUNT_ID: y}", False),
        ("{CHITTYCONNECT_API_KEY: ''}", False),
        ("{CHITTYCONNECT_API_KEY: }", False),
        ("'${{ secrets.CHITTYCONNECT_API_KEY }}'", False),
    ],
)
def test_our_deploy_workflow_sends_it_with_the_key_alone(secrets: str, counts: bool) -> None:
    """Without ChittyConnect's key the registry refuses it, also where the deploy itself needs none."""
    assert beats(deploy(secrets=secrets)) is counts


@pytest.mark.parametrize("secrets, counts", [(KEY, True), ("inherit", True), ("{}", False), ("{OTHER: x}", False)])
@pytest.mark.parametrize("handed", [KEY, "inherit"])
@pytest.mark.parametrize(
    "declared", ["{workflow_call: {secrets: {CHITTYCONNECT_API_KEY: {}, OTHER: {}}}}", "workflow_call"]
)
def test_a_key_that_a_workflow_is_never_given_is_none(secrets: str, counts: bool, handed: str, declared: str) -> None:
    """A reusable workflow of the repository has the secrets that its caller hands over."""
    (inner,) = deploy(secrets=handed).values()
    files: dict[str, Content] = {
        ".github/workflows/v.yml": str(inner).replace("on: push", f"on: {declared}"),
        ".github/workflows/w.yml": f"on: push\njobs: {{j: {{uses: ./.github/workflows/v.yml, secrets: {secrets}}}}}\n",
    }
    assert beats(files) is counts


@pytest.mark.parametrize(
    "value, counts", [("true", False), ("'TRUE'", False), ("false", True), ("'${{ github.ref }}'", True)]
)
def test_a_rehearsal_that_is_handed_over_counts_as_one(value: str, counts: bool) -> None:
    """What the caller gives decides; what only a run can tell is no rehearsal."""
    (inner,) = deploy("    with: {dry_run: '${{ inputs.dry_run }}'}\n").values()
    declared = "on: {workflow_call: {inputs: {dry_run: {type: boolean}}}}"
    call = f"on: push\njobs: {{j: {{uses: ./.github/workflows/v.yml, secrets: inherit, with: {{dry_run: {value}}}}}}}\n"
    files: dict[str, Content] = {
        ".github/workflows/v.yml": str(inner).replace("on: push", declared),
        ".github/workflows/w.yml": call,
    }
    assert beats(files) is counts


def test_whoever_starts_a_deploy_may_choose_a_rehearsal() -> None:
    """Each deploy that happens sends the heartbeat, and a push chooses nothing."""
    (text,) = deploy("    with: {dry_run: '${{ inputs.dry }}'}\n").values()
    on = "on: {push: {}, workflow_dispatch: {inputs: {dry: {type: boolean, default: true}}}}"
    assert beats({".github/workflows/w.yml": str(text).replace("on: push", on)})


def test_the_deploy_action_counts_where_it_is_given_the_registrys_key() -> None:
    """Without a key the action sends nothing."""
    uses = "uses: chittyos/chittyops/actions/worker-deploy@v2"
    assert beats(step(f"{uses}\n        with: {{register_token: '${{{{ secrets.CHITTYCONNECT_API_KEY }}}}'}}"))
    assert not beats(step(uses))
    assert not beats(step(f"{uses}\n        with: {{register_token: ''}}"))
    assert not beats(step(f"{uses}\n        with: {{register_token: '${{{{ null }}}}'}}"))
    assert not beats(step(f"{uses}\n        with: {{register_token: x, dry_run: true}}"))
    for phase, counts in (("check", False), ("settle", False), ("deploy", True)):
        assert beats(step(f"{uses}\n        with: {{register_token: x, phase: {phase}}}")) is counts


WRANGLER = '{"name": "example-worker", "env": {"staging": {"name": "Example-Staging"}, "odd": 1}}'
MONOREPO: dict[str, Content] = {
    "services/billing/wrangler.jsonc": WRANGLER,
    "services/auth/wrangler.toml": 'name = "auth"\n',
}


@pytest.mark.parametrize(
    "given, counts",
    [
        ("service_name: chittyexample", True),
        ("service_name: Example-Worker", True),
        ("service_name: example-staging", True),
        ("service_name: billing", True),
        ("service_name: '${{ matrix.name }}'", True),
        ("service_name: 'x-$NAME'", True),
        ("working_directory: services/billing", True),
        ("working_directory: ./services/billing/worker/", True),
        ("working_directory: services", True),
        ("working_directory: .", True),
        ("working_directory: '${{ inputs.folder }}'", True),
        ("service_name: billing, working_directory: services/billing", True),
        ("service_name: billing, working_directory: '${{ inputs.folder }}'", True),
        ("service_name: billing, working_directory: elsewhere", False),
        ("service_name: billing, working_directory: services/auth", False),
        ("service_name: auth", False),
        ("service_name: auth, working_directory: services/billing", False),
        ("working_directory: services/auth", False),
        ("working_directory: services/bill", False),
        ("working_directory: services/billing-two", False),
        ("service_name: '${{ matrix.name }}', working_directory: services/auth", False),
        ("service_name: '${{ 'auth' }}'", False),
    ],
)
def test_a_deploy_counts_for_the_service_that_it_names(given: str, counts: bool) -> None:
    """By the service's name, its Worker's or its folder's, and by the folder that is deployed."""
    files = {**MONOREPO, **deploy(f"    with: {{{given}}}\n".replace("'auth' }}'", '"auth" }}\'').replace('"', "''"))}
    assert (not findings(HEARTBEAT, repository(files, "services/billing"))) is counts


def test_the_service_that_a_deploy_is_for_instead_is_named() -> None:
    """With the place, and as nothing yet where it is a neighbour's; where the service is alone, the name is wrong."""
    files = {**MONOREPO, **deploy("    with: {service_name: auth, working_directory: services/auth}\n")}
    (one,) = findings(HEARTBEAT, repository(files, "services/billing"))
    assert one.message == (
        "No workflow that runs sends the registry's heartbeat. .github/workflows/w.yml does it for auth, and this "
        "service is chittyexample."
    )
    assert one.remediation == "Do it for chittyexample there as well, or correct the name."
    assert (one.path, one.line, one.column, one.fix, one.absent) == (".github/workflows/w.yml", 4, 5, "", True)
    assert one.why.startswith("Other services find this one")
    (one,) = findings(HEARTBEAT, deploy("    with: {service_name: other, working_directory: elsewhere}\n"))
    assert "does it for other" in one.message
    assert not one.absent
    (one,) = findings(
        HEARTBEAT,
        repository({**MONOREPO, **deploy("    with: {working_directory: services/auth}\n")}, "services/billing"),
    )
    assert "does it for services/auth" in one.message


@pytest.mark.parametrize(
    "matrix, given, counts",
    [
        ("{s: [auth, billing]}", "service_name: '${{ matrix.s }}'", False),
        ("{s: [auth, chittyexample]}", "service_name: '${{ matrix.s }}'", True),
        ("{s: [auth, chittyexample], exclude: [{s: chittyexample}]}", "service_name: '${{ matrix.s }}'", False),
        ("{s: '${{ inputs.s }}'}", "service_name: '${{ matrix.s }}'", True),
        ("{s: [true]}", "dry_run: '${{ matrix.s }}'", False),
        ("{s: [true, false]}", "dry_run: '${{ matrix.s }}'", True),
    ],
)
def test_a_deploy_counts_for_the_services_of_its_matrix(matrix: str, given: str, counts: bool) -> None:
    """One of its runs is enough."""
    assert beats(deploy(f"    strategy: {{matrix: {matrix}}}\n    with: {{{given}}}\n")) is counts


def test_a_heartbeat_of_another_service_does_not_count() -> None:
    """By the name in its address; one of this service beside it does."""
    other = "curl -X POST https://registry.chitty.cc/api/services/other/heartbeat"
    (one,) = findings(HEARTBEAT, step(f"run: {other}"))
    assert "does it for other" in one.message
    assert beats(step(f"run: {other} && curl -X POST {URL}"))
    assert beats(step(f"run: {other}\n      - run: curl -X POST {URL}"))


def test_every_worker_of_a_service_has_a_name_of_its_own() -> None:
    """In a folder at any depth, of either kind, whatever else can't be read."""
    files: dict[str, Content] = {
        "apps/eu/shop/a/wrangler.json": "{",
        "apps/eu/shop/b/wrangler.toml": 'name = "basket"\n[env.x]\nname = "basket-x"\n',
        "apps/eu/shop/c/wrangler.json": '{"name": "checkout"}',
    }
    for name in ("basket", "basket-x", "checkout", "shop"):
        held = {**files, **deploy(f"    with: {{service_name: {name}}}\n")}
        assert not findings(HEARTBEAT, repository(held, "apps/eu/shop"))
        assert findings(HEARTBEAT, repository(held, "apps/us"))
    run = "run: curl -X POST https://registry.chitty.cc/api/services/$SERVICE/heartbeat"
    assert not findings(HEARTBEAT, repository({**files, **step(run)}, "apps/eu/shop"))
    for name in ("eu/shop", "apps", "none"):
        held = {**files, **deploy(f"    with: {{service_name: {name}}}\n")}
        assert findings(HEARTBEAT, repository(held, "apps/eu/shop"))


def another(files: dict[str, Content], given: str, folder: str = "", name: str = "chittyexample") -> str:
    """Whom a deploy is for instead; "" where it is for this service."""
    found = findings(HEARTBEAT, repository({**files, **deploy(f"    with: {{{given}}}\n")}, folder), service(name))
    return found[0].message.partition(" does it for ")[2].partition(",")[0] if found else ""


@pytest.mark.parametrize(
    "given, whose",
    [
        ("service_name: auth, working_directory: services/auth", "auth"),
        ("service_name: auth", "auth"),
        ("service_name: Auth-Staging", "Auth-Staging"),
        ("service_name: auth-web, working_directory: services/auth", "services/auth"),
        ("service_name: auth-web, working_directory: apps/auth", ""),
        ("service_name: auth-web", ""),
    ],
)
def test_a_folder_gives_no_name_that_another_worker_has(given: str, whose: str) -> None:
    """`auth` is the Worker of services/auth, and that of apps/auth is `auth-web`."""
    files: dict[str, Content] = {
        "services/auth/wrangler.toml": 'name = "Auth"\n[env.staging]\nname = "auth-staging"\n',
        "apps/auth/wrangler.toml": 'name = "auth-web"\n',
    }
    assert another(files, given, "apps/auth", "auth-web") == whose


@pytest.mark.parametrize(
    "given, whose",
    [
        ("service_name: hello-cron, working_directory: AT/workers/cron", "hello-cron"),
        ("service_name: hello-cron", "hello-cron"),
        ("working_directory: AT/workers/cron/", "AT/workers/cron/"),
        ("service_name: hello, working_directory: AT/workers/cron", "AT/workers/cron"),
        ("service_name: hello, working_directory: AT/", ""),
        ("service_name: hello, working_directory: AT/workers", ""),
        ("service_name: hello, working_directory: 'AT/workers/${{ inputs.folder }}'", ""),
        ("service_name: hello", ""),
    ],
)
@pytest.mark.parametrize("at", ["", "apps/eu"])
def test_a_worker_below_the_services_own_is_another(given: str, whose: str, at: str) -> None:
    """At the root, and in a service's folder."""
    files: dict[str, Content] = {
        f"{at}/wrangler.toml".lstrip("/"): 'name = "hello"\n',
        f"{at}/workers/cron/wrangler.toml".lstrip("/"): 'name = "hello-cron"\n',
    }
    placed, told = (text.replace("AT", at or ".") for text in (given, whose))
    assert another(files, placed, at, "greeting") == told


def test_capitals_of_names_are_no_matter() -> None:
    """Of the service's, its folder's, and its manifest's."""
    files: dict[str, Content] = {"apps/Shop/package.json": '{"name": "Basket"}'}
    for name in ("shop", "basket", "store"):
        assert not another(files, f"service_name: {name}", "apps/Shop", "Store")


def test_a_deploy_from_the_root_may_be_of_any_folder() -> None:
    """Whatever Worker is there."""
    files: dict[str, Content] = {"wrangler.toml": 'name = "hello"\n', "cron/wrangler.toml": 'name = "hello-cron"\n'}
    assert not another(files, "service_name: hello-cron, working_directory: .", "cron")


def test_the_workers_of_a_monorepo_are_not_its_root() -> None:
    """Where there is one alone, it is the repository's."""
    deploy_of_auth = "service_name: auth, working_directory: services/auth"
    assert another(MONOREPO, deploy_of_auth, name="mono") == "auth"
    assert another(MONOREPO, "working_directory: services/auth", name="mono") == "services/auth"
    assert another(MONOREPO, "service_name: mono, working_directory: services/auth", name="mono") == "services/auth"
    assert not another(MONOREPO, "service_name: Mono", name="mono")
    assert not another(MONOREPO, "working_directory: services", name="mono")
    alone: dict[str, Content] = {"worker/wrangler.toml": 'name = "hello"\n'}
    assert not another(alone, "service_name: hello, working_directory: worker", name="mono")
    assert another(alone, "service_name: worker", name="mono") == "worker"
    nameless: dict[str, Content] = {"worker/wrangler.toml": "[env.staging]\n"}
    assert another(nameless, "service_name: none", name="mono") == "none"


def test_what_sleeps_comes_before_what_another_service_does() -> None:
    """It is the nearer remedy."""
    (sleeping,) = deploy().values()
    files = deploy("    with: {service_name: other}\n")
    files[".github/workflows/s.yml"] = str(sleeping).replace("on: push", "on: workflow_call")
    (one,) = findings(HEARTBEAT, files)
    assert one.path == ".github/workflows/s.yml"


@pytest.mark.parametrize("text", ["{", "[]", "null", '{"name": 3, "env": [1]}', b"\xff"])
def test_a_wrangler_file_of_any_shape_names_nobody(text: Content) -> None:
    """What can't be read is told elsewhere, and a deploy by the service's name still counts."""
    files = {"wrangler.json": text, **deploy("    with: {service_name: chittyexample}\n")}
    assert beats(files)
    assert not beats({**files, **deploy("    with: {service_name: other}\n")})


@pytest.mark.parametrize(
    "run",
    [
        f"curl -X POST {URL}",
        'curl -d "{}" "https://registry.chitty.cc/api/services/${SERVICE}/heartbeat"',
        "curl -X POST https://registry.chitty.cc/api/services/${{ inputs.service_name }}/heartbeat",
        'curl -X POST "$CHITTYREGISTRY_URL/api/services/chittyexample/heartbeat"',
        "curl -X POST https://registry.chitty.cc/api/services/ChittyExample/heartbeat",
        "curl -X POST https://registry.chitty.cc/api/services/chitty%65xample/heartbeat",
    ],
)
def test_a_heartbeat_of_ones_own_counts(run: str) -> None:
    """Of this service, or of one that is known only when it runs."""
    assert beats(step(f"run: |\n          {run}"))


@pytest.mark.parametrize(
    "run",
    [
        f"curl {URL}",
        f"echo {URL}",
        f"# curl -X POST {URL}",
        "curl -X POST https://registry.chitty.cc/api/services/chittyexample",
        "curl -X POST https://registry.chitty.cc/api/services/a/b/heartbeat",
        "curl -X POST https://example.com/api/services/x/heartbeat",
    ],
)
def test_what_only_looks_like_a_heartbeat_does_not_count(run: str) -> None:
    """Another method, another address, a comment."""
    assert not beats(step(f"run: |\n          {run}"))


@pytest.mark.parametrize(
    "run",
    ["curl -X POST $UNKNOWN/api/services/x/heartbeat", f"ssh host 'curl -X POST {URL}'"],
)
def test_a_heartbeat_that_nobody_can_follow_is_unknown(run: str) -> None:
    """To a host that no file says, or by a program that nobody knows."""
    with pytest.raises(NotKnown, match="the step in line"):
        beats(step(f"run: |\n          {run}"))


def test_known_failure_10_deregister_idle_runners_is_no_heartbeat() -> None:
    """`register` in a name says nothing."""
    files = step("run: ./deregister-idle-runners")
    assert not beats({path: f"name: Deregister idle runners\n{text!s}" for path, text in files.items()})


def test_a_service_that_the_registry_knows_passes() -> None:
    """What the registry says of it is not looked into."""
    assert findings(REGISTERED, repository({}, observed=Observed(registered=Fact.present("chittyexample")))) == ()


def test_a_service_that_the_registry_does_not_know_is_told_so() -> None:
    """With the registry's own words, where it has any."""
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent("it answered 404"))))
    assert one.message == "The registry does not know chittyexample: it answered 404."
    assert one.absent
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent())))
    assert one.message == "The registry does not know chittyexample."


def test_a_service_without_a_name_is_told_as_the_service() -> None:
    """Where nothing states a name, the sentence is still one."""
    (one,) = findings(REGISTERED, repository({}, observed=Observed(registered=Fact.absent())), service(name=""))
    assert one.message == "The registry does not know the service."


def test_known_failure_1_a_registry_that_does_not_answer_is_no_verdict() -> None:
    """Unknown where it was asked, not evaluated where it was not."""
    with pytest.raises(NotKnown, match="no route"):
        findings(REGISTERED, repository({}, observed=Observed(registered=Fact.unknown("it has no route for services"))))
    with pytest.raises(NotAsked):
        findings(REGISTERED, repository({}))


# -- what worker-deploy would refuse -----------------------------------------------------------------------------

PAGES = 'name = "site"\npages_build_output_dir = "dist"\n'
BEAT = (
    "Or send `POST https://registry.chitty.cc/api/services/{name}/heartbeat` with `status` and `version` behind your "
    "own deploy."
)
SEVERAL = (
    "There is more than one Worker here, so that nobody can tell which to deploy. Check each by its folder: "
    "`chittyops check services/auth`, `chittyops check services/billing`."
)
TRACK = "Or send `POST https://beacon.chitty.cc/track` behind your own deploy."


@pytest.mark.parametrize("check, instead", [(HEARTBEAT, BEAT), ("chittybeacon.installed", TRACK)])
@pytest.mark.parametrize(
    "files, reason",
    [
        (MONOREPO, SEVERAL),
        ({"wrangler.toml": PAGES}, "This is a Pages project, not a Worker, by its wrangler.toml."),
    ],
)
def test_no_deploy_is_offered_that_would_be_refused(
    check: str, instead: str, files: dict[str, Content], reason: str
) -> None:
    """The reason and another way, and nothing to paste; what is offered to a Worker is its workflow."""
    (one,) = findings(check, files)
    assert (one.remediation, one.fix, one.absent) == (f"{reason} {instead}", "", True)
    (one,) = findings(check, {"wrangler.toml": "name = 'a'"})
    assert one.remediation.startswith("Deploy by the workflow below, ")
    assert "service_name: a\n" in one.fix


@pytest.mark.parametrize(
    "files, more, folder, counts",
    [
        (MONOREPO, "service_name: chittyexample", "", False),
        (MONOREPO, "service_name: chittyexample, working_directory: ./", "", False),
        (MONOREPO, "service_name: chittyexample", "services/billing", True),
        (MONOREPO, "service_name: chittyexample, working_directory: services", "", True),
        ({"wrangler.toml": PAGES}, "service_name: site", "", False),
        ({"wrangler.toml": PAGES}, "service_name: site, working_directory: .", "", False),
        ({"web/site/wrangler.toml": PAGES}, "working_directory: ./web/site/", "", False),
        ({"web/site/wrangler.toml": PAGES}, "working_directory: web/site", "web/site", False),
        ({"wrangler.toml": PAGES}, "service_name: chittyexample, working_directory: api", "", True),
        ({"wrangler.toml": PAGES, "api/wrangler.toml": ""}, "service_name: chittyexample", "api", False),
        ({"a/wrangler.toml": ""}, "service_name: chittyexample", "", True),
    ],
)
def test_a_deploy_that_would_be_refused_sends_nothing(
    files: dict[str, Content], more: str, folder: str, counts: bool
) -> None:
    """The root above several Workers, and the folder of a Pages project, hold nothing that worker-deploy takes."""
    held = repository({**files, **deploy(f"    with: {{{more}}}\n")}, folder)
    assert (findings(HEARTBEAT, held) == ()) is counts
