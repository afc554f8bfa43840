"""The ChittyBeacon check: a package, a Python module, or a workflow that brings it."""

from __future__ import annotations

import json
import re

import pytest

from chittyactions.compliance.checkout import Checkout
from chittyactions.compliance.facts import NotKnown
from chittyactions.compliance.files import Unreadable
from compliance.repositories import Content, Link, findings, repository

BEACON = "chittybeacon.installed"
PACKAGE = "@chittycorp/app-beacon"


def manifest(table: str = "dependencies", name: str = PACKAGE, wanted: object = "^1.0.0") -> str:
    """A package.json that depends on one package."""
    return json.dumps({table: {name: wanted}})


def has_beacon(files: dict[str, Content], folder: str = "") -> bool:
    return not findings(BEACON, repository(files, folder))


def test_no_beacon_is_absent_and_warns_of_the_unclaimed_name() -> None:
    """The finding never says to install the package: whoever claims its name would run in the build."""
    (one,) = findings(BEACON, {"package.json": "{}"})
    assert one.absent
    assert "not in the public npm registry" in one.remediation
    assert "npm install" not in one.remediation + one.fix
    assert has_beacon({".github/workflows/deploy.yml": one.fix})


@pytest.mark.parametrize("table", ["dependencies", "devDependencies", "optionalDependencies"])
def test_known_failure_15_every_table_of_dependencies_counts(table: str) -> None:
    """Also the optional ones, and no table that installs nothing."""
    assert has_beacon({"package.json": manifest(table)})
    assert not has_beacon({"package.json": manifest(f"x-{table}")})


@pytest.mark.parametrize(
    "name",
    ["@chittycorp/app-beacon-legacy", "@chittycorp/app-beaconx", "app-beacon", "@other/app-beacon", "@ChittyCorp/App"],
)
def test_known_failure_15_a_name_that_merely_starts_the_same_is_another(name: str) -> None:
    """The name is compared whole."""
    assert not has_beacon({"package.json": manifest(name=name)})


@pytest.mark.parametrize(
    "wanted",
    [
        "npm:@chittycorp/app-beacon@^1",
        "github:chittycorp/app-beacon",
        "ChittyCorp/app-beacon#v1",
        "git+https://github.com/chittycorp/app-beacon.git#semver:^1",
        "git+ssh://git@github.com/chittycorp/app-beacon.git",
        "git@github.com:chittycorp/app-beacon.git",
        "https://github.com/chittycorp/app-beacon/tarball/main",
    ],
)
def test_a_git_url_of_the_beacon_counts_under_any_name(wanted: str) -> None:
    """By where it comes from, since its name is not in the registry."""
    assert has_beacon({"package.json": manifest(name="beacon", wanted=wanted)})


@pytest.mark.parametrize(
    "name, wanted",
    [
        ("beacon", "github:someone/app-beacon"),
        ("beacon", "github:chittycorp/app-beacon-old"),
        ("beacon", "https://example.com/github.com/chittycorp/app-beacon"),
        ("beacon", "https://notgithub.com/chittycorp/app-beacon"),
        (PACKAGE, "npm:noop@1"),
        (PACKAGE, None),
        (PACKAGE, {"version": "1"}),
    ],
)
def test_another_package_under_its_name_or_a_like_url_is_none(name: str, wanted: object) -> None:
    """An alias to something else, another owner, and a value that npm would not take."""
    assert not has_beacon({"package.json": manifest(name=name, wanted=wanted)})
    assert has_beacon({"package.json": json.dumps({"dependencies": {name: wanted, "b": "chittycorp/app-beacon"}})})


def test_known_failure_15_a_package_of_the_monorepo_counts() -> None:
    """In any workspace package, but not in dependencies, fixtures and examples."""
    assert has_beacon({"package.json": "{}", "packages/app/package.json": manifest()})
    for folder in ("node_modules/x", "tests/fixtures/x", "examples", "packages/a/node_modules/b"):
        assert not has_beacon({f"{folder}/package.json": manifest()})
        assert has_beacon({f"{folder}/package.json": "{}", "worker/package.json": manifest()})


def test_a_service_of_a_monorepo_has_its_own_beacon_or_that_of_what_it_depends_on() -> None:
    """Another service's beacon reports the other service."""
    files: dict[str, Content] = {
        "package.json": "{}",
        "services/a/package.json": manifest(name="@x/telemetry", wanted="workspace:*"),
        "services/b/package.json": "{}",
        "packages/telemetry/package.json": json.dumps({"name": "@x/telemetry", "dependencies": {"@x/core": "*"}}),
        "packages/core/package.json": json.dumps({"name": "@x/core", "dependencies": {PACKAGE: "1"}}),
    }
    assert has_beacon(files, "services/a")
    assert not has_beacon(files, "services/b")
    assert has_beacon({**files, "package.json": manifest()}, "services/b")
    (one,) = findings(BEACON, repository({**files, "services/a/package.json": "{"}, "services/b"))
    assert one.absent


@pytest.mark.parametrize("path", ["chittybeacon.py", "src/app/chittybeacon.py", "chittybeacon/__init__.py"])
def test_a_python_module_counts_where_it_holds_anything(path: str) -> None:
    """An empty module reports nothing, and is broken rather than absent."""
    assert has_beacon({path: "import json\n"})
    (one,) = findings(BEACON, {path: "\n"})
    assert (one.path, one.absent) == (path, False)
    assert not has_beacon({path.replace("beacon", "beacons"): "import json\n"})


def test_a_python_package_may_have_an_empty_init_beside_its_modules() -> None:
    """An empty __init__.py is Python's habit."""
    assert has_beacon({"chittybeacon/__init__.py": "", "chittybeacon/client.py": "import json\n"})


def test_a_python_module_has_to_be_the_services_own() -> None:
    """Not a test's or an example's, and not another service's; such a one hides none that is."""
    for folder in ("tests", "src/tests", "examples/a"):
        assert not has_beacon({f"{folder}/chittybeacon.py": "import json\n"})
    assert has_beacon({"examples/chittybeacon.py": "import json\n", "src/chittybeacon.py": "import json\n"})
    assert not has_beacon({"services/a/chittybeacon.py": "import json\n"}, "services/b")
    assert not has_beacon({"src/chittybeacon/__init__.py": "", "src/main.py": "import json\n"})
    assert has_beacon({"a/chittybeacon.py": b"\xff", "b/chittybeacon.py": "import json\n"})


def step(text: str, on: str = "push") -> dict[str, Content]:
    return {".github/workflows/w.yml": f"on: {on}\njobs:\n  j:\n    runs-on: x\n    steps:\n      - {text}\n"}


def call(more: str = "", on: str = "push") -> dict[str, Content]:
    uses = "uses: CHITTYOS/chittyops/.github/workflows/reusable-worker-deploy.yml@main"
    return {".github/workflows/w.yml": f"on: {on}\njobs:\n  j:\n    {uses}\n{more}"}


def test_a_workflow_that_brings_the_beacon_counts() -> None:
    """Our deploy adds it unless it is told not to; so does an action of it, its address, and an install."""
    assert has_beacon(call())
    assert has_beacon(call("    with: {include_beacon: true}\n"))
    assert has_beacon(step("uses: chittycorp/app-beacon@v1"))
    assert has_beacon(step("run: npm install --save @chittycorp/app-beacon@1.2.3"))
    assert has_beacon(step("run: pnpm add github:chittycorp/app-beacon"))
    assert has_beacon(call("    with: {service_name: chittyexample}\n"))
    assert has_beacon(step("run: npx @chittycorp/app-beacon"))
    assert has_beacon(step("run: curl -d @event.json https://beacon.chitty.cc/track"))


@pytest.mark.parametrize("verb", ["install", "i", "in", "ins", "inst", "isntall", "add", "a", "exec", "x", "dlx"])
@pytest.mark.parametrize("program", ["npm", "pnpm -F app", "yarn workspace app", "bun"])
def test_a_package_manager_brings_the_beacon(program: str, verb: str) -> None:
    """By any of its words for it, options before and behind."""
    assert has_beacon(step(f"run: {program} {verb} -D lodash {PACKAGE}@1"))


@pytest.mark.parametrize("program", ["npx", "bunx", "pnpx"])
def test_a_runner_brings_the_beacon(program: str) -> None:
    """It needs no word for it."""
    assert has_beacon(step(f"run: {program} --yes {PACKAGE}"))


@pytest.mark.parametrize("verb", ["uninstall", "remove", "rm", "view", "info", "outdated", "why", "ls", ""])
def test_a_package_manager_that_does_something_else_brings_nothing(verb: str) -> None:
    """It removes the beacon, or asks after it."""
    assert not has_beacon(step(f"run: npm {verb} {PACKAGE} install"))
    assert not has_beacon(step(f"run: pip install {PACKAGE}"))


def test_another_services_workflow_brings_this_one_no_beacon() -> None:
    """A deploy of it, a build of it, an install in its folder."""
    services: dict[str, Content] = {f"services/{name}/package.json": "{}" for name in ("auth", "billing")}
    build = "uses: chittyos/chittyops/actions/worker-build@v2\n        with: {service_name: auth}"
    install = f"run: npm install {PACKAGE}\n        working-directory: services/auth"
    for files in (call("    with: {service_name: auth}\n"), step(build), step(install)):
        assert not has_beacon({**services, **files}, "services/billing")
        assert has_beacon({**services, **files}, "services/auth")
    (one,) = findings(BEACON, repository({**services, **step(build)}, "services/billing"))
    assert ".github/workflows/w.yml does it for auth" in one.message
    assert has_beacon({**services, **step(f"run: npm install {PACKAGE}")}, "services/billing")
    folder = "working-directory: ${{ matrix.folder }}"
    assert has_beacon({**services, **step(f"run: npm install {PACKAGE}\n        {folder}")}, "services/billing")


@pytest.mark.parametrize(
    "run",
    [
        "cd services/auth && npm i PKG",
        "(cd services && cd auth; npm ci; npm i PKG)",
        "cd $GITHUB_WORKSPACE/services/auth; npm i PKG",
        "npm --prefix services/auth i PKG",
        "npm i PKG --prefix=services/auth",
        "cd services; npm -C auth i PKG",
        "npm i -w services/auth PKG",
        "npm i --workspace=@x/auth-web PKG",
        "npm i -w auth-web -w gone PKG",
        "npx -w services/auth PKG",
        "pnpm -C services/auth add PKG",
        "pnpm --dir services/auth add PKG",
        "pnpm --filter @x/auth-web add PKG",
        "pnpm -F auth-web add PKG",
        "pnpm --filter ./services/auth add PKG",
        "npm --prefix $GITHUB_WORKSPACE/services/auth i PKG",
        "pnpm --filter-prod auth add PKG",
        "yarn workspace @x/auth-web add PKG",
        "yarn --cwd services/auth add PKG",
        "bun add --cwd services/auth PKG",
        "bun --filter auth-web add PKG",
    ],
)
def test_an_install_counts_for_the_service_in_its_folder(run: str) -> None:
    """Where `cd` or an option of the package manager leads, or by the package's name."""
    files: dict[str, Content] = {
        "services/auth/package.json": '{"name": "@x/auth-web"}',
        "services/billing/package.json": '{"name": "@x/billing-web"}',
        "package.json": '{"name": "@x/all"}',
    }
    line = run.replace("PKG", PACKAGE)
    assert has_beacon({**files, **step(f'run: "{line}"')}, "services/auth")
    assert not has_beacon({**files, **step(f'run: "{line}"')}, "services/billing")
    assert has_beacon({**files, **step(f'run: "{line}"')})
    below = f"run: npm --prefix auth i {PACKAGE}\n        working-directory: services"
    assert has_beacon({**files, **step(below)}, "services/auth")
    assert not has_beacon({**files, **step(below)}, "services/billing")


@pytest.mark.parametrize(
    "run",
    [
        "pnpm add -w PKG",
        "pnpm --filter 'services/*' add PKG",
        "pnpm --filter auth-web... add PKG",
        "pnpm --filter '!auth-web' add PKG",
        "pnpm --filter '{services/auth}' add PKG",
        "pnpm --filter $SERVICE add PKG",
        "pnpm --filter @x/all add PKG",
        "pnpm --filter '[main]' add PKG",
        "npm i -w auth-web -w billing-web PKG",
        "npm i --workspaces PKG",
        "npm --prefix . i PKG",
        "cd services && npm i PKG",
        "cd $DIR && npm i PKG",
        "npm i PKG --prefix",
        "yarn add workspace PKG",
    ],
)
def test_an_install_that_may_be_of_every_service_counts(run: str) -> None:
    """At the root, for several packages, or where only a run would tell."""
    files: dict[str, Content] = {
        "services/auth/package.json": '{"name": "@x/auth-web"}',
        "services/billing/package.json": '{"name": "@x/billing-web"}',
        "package.json": '{"name": "@x/all"}',
        **step(f'run: "{run.replace("PKG", PACKAGE)}"'),
    }
    assert has_beacon(files, "services/auth")
    assert has_beacon(files, "services/billing")


def test_an_install_counts_in_the_folders_of_its_matrix() -> None:
    """As the step's folder, and as that of `cd`."""
    matrix = "[{dir: services/auth}, {dir: services/billing}]"
    for line in (
        f"{{run: npm i {PACKAGE}, working-directory: '${{{{ matrix.svc.dir }}}}'}}",
        f"{{run: 'cd ${{{{ matrix.svc.dir }}}}; npm i {PACKAGE}'}}",
    ):
        text = f"on: push\njobs: {{j: {{strategy: {{matrix: {{svc: {matrix}}}}}, steps: [{line}]}}}}\n"
        files: dict[str, Content] = {".github/workflows/w.yml": text}
        assert has_beacon(files, "services/auth")
        assert has_beacon(files, "services/billing")
        assert not has_beacon(files, "services/third")


def test_a_beacon_that_the_caller_switches_off_is_none() -> None:
    """Handed through a workflow of the repository."""
    inner = str(*call("    with: {include_beacon: '${{ inputs.beacon }}'}\n").values())
    declared = "on: {workflow_call: {inputs: {beacon: {type: boolean, default: false}}}}"
    files: dict[str, Content] = {".github/workflows/v.yml": inner.replace("on: push", declared)}
    outer = "on: push\njobs: {{j: {{uses: ./.github/workflows/v.yml, with: {{{}}}}}}}\n"
    for given, counts in (("beacon: false", False), ("", False), ("beacon: true", True)):
        assert has_beacon({**files, ".github/workflows/w.yml": outer.format(given)}) is counts


def test_a_workflow_that_only_mentions_the_beacon_does_not_count() -> None:
    """Switched off, not started, printed, of another name."""
    assert not has_beacon(call("    with: {include_beacon: false}\n"))
    assert not has_beacon(call("    with: {include_beacon: 'False'}\n"))
    assert not has_beacon(call(on="workflow_call"))
    assert not has_beacon(step("name: app-beacon\n        run: echo npm install @chittycorp/app-beacon"))
    assert not has_beacon(step("run: npm install @chittycorp/app-beacon-legacy"))
    assert not has_beacon(step("run: npm install --dry-run @chittycorp/app-beacon"))
    assert not has_beacon(step("run: npm install lodash # @chittycorp/app-beacon"))
    assert not has_beacon(step("uses: someone/app-beacon@v1"))
    assert not has_beacon(step("run: curl https://beacon.chitty.cc/health"))


@pytest.mark.parametrize("text", ["{", b"\xff\xfe{}", Link("/etc/hostname")])
def test_known_failure_16_a_broken_manifest_is_broken_and_not_absent(text: Content) -> None:
    """A package.json that nobody can read, or that lies outside, is a finding of its own."""
    (one,) = findings(BEACON, {"package.json": text})
    assert one.path == "package.json"
    assert not one.absent
    assert has_beacon({"package.json": text, "worker/package.json": manifest()})


@pytest.mark.parametrize("text", ["[]", "null", '"x"', '{"dependencies": ["@chittycorp/app-beacon"]}'])
def test_a_manifest_of_another_shape_holds_no_beacon(text: str) -> None:
    """Valid JSON of any shape is looked at without falling over."""
    assert not has_beacon({"package.json": text})


def test_a_manifest_that_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that refuses is no verdict on the service, unless the beacon is found elsewhere."""
    read = Checkout.read

    def refuse(self: Checkout, path: str, limit: int) -> str | None:
        if path == "z/package.json":
            return read(self, path, limit)
        raise Unreadable("it cannot be read: Permission denied", ours=False)

    monkeypatch.setattr(Checkout, "read", refuse)
    files: dict[str, Content] = {"a/package.json": "{}", "b/package.json": "{}"}
    reasons = "; ".join(f"{path}: it cannot be read: Permission denied" for path in files)
    with pytest.raises(NotKnown, match=f"^{re.escape(reasons)}$"):
        findings(BEACON, files)
    assert has_beacon({**files, "z/package.json": manifest()})


def test_a_python_module_that_cannot_be_read_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be the beacon; the reason names it."""
    held = repository({"chittybeacon.py": "import json\n"})
    monkeypatch.setattr("os.open", refused)
    with pytest.raises(NotKnown, match=r"^chittybeacon\.py: it cannot be read: Permission denied$"):
        findings(BEACON, held)


def refused(*_: object) -> int:
    raise PermissionError(13, "Permission denied")
