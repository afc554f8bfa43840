"""What a repository looks like by its manifests."""

from __future__ import annotations

import pytest

from chittyactions.compliance.detection import detect
from chittyactions.compliance.documents import Spot
from compliance.repositories import Content, Link, repository

PACKAGE = '{"name": "@chittyos/chittypkg", "version": "1.0.0"}'


@pytest.mark.parametrize(
    "files, kind, stacks",
    [
        ({"wrangler.toml": 'name = "w"\n'}, "cloudflare-worker", {"cloudflare-workers"}),
        ({"apps/api/wrangler.jsonc": '{"name": "w", // http://x\n}'}, "cloudflare-worker", {"cloudflare-workers"}),
        ({"package.json": PACKAGE}, "npm-package", {"node"}),
        ({"package.json": PACKAGE, "a/package.json": "{}"}, "npm-package", {"node"}),
        ({"package.json": '{"name": "x", "version": "1.0.0", "private": true}'}, "tool", {"node"}),
        ({"package.json": '{"name": "x", "version": "1.0.0" /* npm takes none */}'}, "tool", {"node"}),
        ({"package.json": "[]", "wrangler.json": "[]"}, "cloudflare-worker", {"cloudflare-workers", "node"}),
        ({"package.json": '{"private": true, "dependencies": {"next": "15"}}'}, "tool", {"nextjs", "node"}),
        ({"package.json": '{"private": true, "devDependencies": {"next": "15"}}'}, "tool", {"nextjs", "node"}),
        ({"go.mod": "", "apps/a/package.json": '{"dependencies": {"next": "15"}}'}, "tool", {"go", "nextjs", "node"}),
        ({"package.json": "{}", "docs/package.json": '{"dependencies": {"next": "15"}}'}, "tool", {"node"}),
        ({"pyproject.toml": '[project]\nname = "x"\n'}, "tool", {"python"}),
        ({"setup.py": "import setuptools\n"}, "tool", {"python"}),
        ({"Cargo.toml": '[package]\nname = "x"\n'}, "tool", {"rust"}),
        ({"go.mod": "module example.com/x\n"}, "tool", {"go"}),
        ({"go.mod": "module x\n", "web/package.json": "{}"}, "tool", {"go", "node"}),
        ({"README.md": "# Pages\n", "guide/one.md": "text", ".github/workflows/x.yml": ""}, "documentation", set()),
        ({"README.md": "# Pages\n", ".nojekyll": "", ".config/x.json": "{}"}, "documentation", set()),
        ({"README.md": "# A script\n", "run.sh": "true\n"}, "tool", set()),
        ({}, "documentation", set()),
    ],
)  # fmt: skip
def test_each_stack_is_known_by_its_manifest(files: dict[str, Content], kind: str, stacks: set[str]) -> None:
    """Workers, Next.js, Node, Python, Rust and Go each by its manifest; the type is the mildest that fits."""
    found = detect(repository(files))
    assert (found.type, set(found.stacks)) == (kind, stacks)


@pytest.mark.parametrize(
    "name", ["next-themes", "@scope/next", "nextjs", "eslint-config-next", "next.js", "gatsby-plugin-next"]
)
def test_known_failure_30_next_in_another_name_is_not_nextjs(name: str) -> None:
    """Only the dependency called exactly `next` means Next.js."""
    found = detect(repository({"package.json": f'{{"dependencies": {{"{name}": "1"}}, "description": "next"}}'}))
    assert found.stacks == ("node",)


def test_a_manifest_that_only_mentions_a_worker_is_none() -> None:
    """wrangler as a dependency, a comment or a longer file name makes no Worker."""
    files: dict[str, Content] = {
        "package.json": '{"private": true, "devDependencies": {"wrangler": "4"}}',
        "wrangler.toml.example": 'name = "w"',
        "my-wrangler.toml": 'name = "w"',
        "run.sh": "# wrangler.toml",
    }
    assert detect(repository(files)).type == "tool"


@pytest.mark.parametrize(
    "folder", ["examples", "tests/fixtures", "node_modules/x", "templates/worker", "docs", "apps/a/test"]
)
def test_samples_do_not_make_the_repository_a_worker(folder: str) -> None:
    """A wrangler file among examples, tests, templates or others' packages is not the service's."""
    found = detect(repository({f"{folder}/wrangler.toml": 'name = "w"', "package.json": PACKAGE}))
    assert (found.type, found.workers) == ("npm-package", ())


def test_a_service_may_itself_lie_below_a_folder_of_samples() -> None:
    """What counts is the path within the service's own folder."""
    found = detect(repository({"examples/one/wrangler.toml": 'name = "w"'}, folder="examples/one"))
    assert (found.type, found.name) == ("cloudflare-worker", "w")


@pytest.mark.parametrize("folder", ["", "apps/api/"])
def test_real_repositories_also_hold_wrangler_toml_beside_wrangler_jsonc(folder: str) -> None:
    """Of several wrangler files in a folder, the one that wrangler itself reads is read."""
    files: dict[str, Content] = {
        f"{folder}wrangler.toml": 'name = "old"\nroute = "old.chitty.cc/*"',
        f"{folder}wrangler.jsonc": '{"name": "new",}',
    }
    found = detect(repository(files))
    assert (found.workers, found.name, found.hosts) == ((f"{folder}wrangler.jsonc",), "new", ())
    found = detect(repository({**files, f"{folder}wrangler.json": '{"name": "first"}'}))
    assert (found.workers, found.name) == ((f"{folder}wrangler.json",), "first")


def test_real_repositories_also_hold_wrangler_toml_only_in_a_subfolder() -> None:
    """A Worker is found wherever its file lies, and the file nearest to the root comes first."""
    files: dict[str, Content] = {"package.json": PACKAGE, "a/b/wrangler.toml": 'name = "deep"', "z/wrangler.toml": ""}
    assert detect(repository(files)).workers == ("z/wrangler.toml", "a/b/wrangler.toml")


def test_several_workers_give_no_name_and_no_domain() -> None:
    """Where manifests say several things, nothing is picked."""
    files: dict[str, Content] = {
        "a/wrangler.toml": 'name = "a"\nroutes = [{pattern = "a.chitty.cc", custom_domain = true}]',
        "b/wrangler.toml": 'name = "b"\n',
    }
    found = detect(repository(files))
    assert (found.name, found.domain, found.open) == ("", "", None)
    assert found.workers == ("a/wrangler.toml", "b/wrangler.toml")
    assert found.hosts == ("a.chitty.cc",)


@pytest.mark.parametrize("folder", ["", "services/"])
def test_several_workers_below_make_no_worker_of_what_is_above(folder: str) -> None:
    """Each is a service where it lies; what is above them is known by what it holds itself."""
    files: dict[str, Content] = {f"{folder}{one}/wrangler.toml": "" for one in ("billing", "a/auth")}
    found = detect(repository(files, folder=folder))
    assert (found.type, found.evidence) == ("tool", "no manifest says more")
    assert found.apart == (f"{folder}billing", f"{folder}a/auth")
    assert found.stacks == ("cloudflare-workers",)
    assert detect(repository({**files, f"{folder}package.json": PACKAGE}, folder=folder)).type == "npm-package"
    one = detect(repository({f"{folder}a/wrangler.toml": ""}, folder=folder))
    assert (one.type, one.apart) == ("cloudflare-worker", ())


def test_a_worker_of_its_own_is_the_service_whatever_lies_below() -> None:
    """Its type and its domain are those of the file in its folder; the name is left to who states it."""
    route = 'name = "%s"\nroute = "%s.chitty.cc/*"'
    files: dict[str, Content] = {
        "wrangler.toml": route % ("own", "own"),
        "z/wrangler.toml": "",
        "a/wrangler.toml": route % ("a", "a"),
    }
    found = detect(repository(files))
    assert (found.type, found.evidence, found.apart) == ("cloudflare-worker", "wrangler.toml", ())
    assert (found.name, found.domain, found.hosts) == ("", "own.chitty.cc", ("own.chitty.cc", "a.chitty.cc"))


@pytest.mark.parametrize(
    "name, text",
    [
        ("wrangler.toml", 'name = "site"\npages_build_output_dir = "dist"\nroute = "a.chitty.cc/*"\n'),
        ("wrangler.jsonc", '{"name": "site", "pages_build_output_dir": null, "route": "a.chitty.cc/*"}'),
    ],
)
def test_a_pages_project_is_no_worker(name: str, text: str) -> None:
    """It has a name, and nothing that worker-deploy would deploy; what else is there tells the type."""
    found = detect(repository({name: text, "x.html": ""}))
    assert (found.type, found.evidence) == ("tool", f"{name} describes a Pages project, not a Worker")
    assert (found.pages, found.workers, found.hosts, found.domain, found.stacks) == ((name,), (), (), "", ())
    assert (found.name, found.bare) == ("site", False)
    package = detect(repository({name: text, "package.json": PACKAGE}))
    assert (package.type, package.evidence) == ("npm-package", "package.json")
    both = detect(repository({name: text, "api/wrangler.toml": ""}))
    assert (both.type, both.workers, both.pages) == ("cloudflare-worker", ("api/wrangler.toml",), (name,))


def test_only_the_wrangler_file_that_counts_makes_a_pages_project() -> None:
    """The key in the file that nobody reads, or below another key, says nothing."""
    files: dict[str, Content] = {"wrangler.json": "{}", "wrangler.toml": 'pages_build_output_dir = "x"'}
    assert detect(repository(files)).workers == ("wrangler.json",)
    assert detect(repository({"wrangler.toml": '[vars]\npages_build_output_dir = "x"'})).workers == ("wrangler.toml",)


@pytest.mark.parametrize(
    "config, domain, hosts",
    [
        ('{"routes": [{"pattern": "a.chitty.cc", "custom_domain": true}]}', "a.chitty.cc", ("a.chitty.cc",)),
        ('{"routes": [{"pattern": "a.chitty.cc/*", "zone_name": "chitty.cc"}]}', "a.chitty.cc", ("a.chitty.cc",)),
        ('{"routes": [{"pattern": "a.chitty.cc", "zone_name": "chitty.cc"}]}', "a.chitty.cc", ("a.chitty.cc",)),
        (
            '{"routes": [{"pattern": "a.cc/*", "custom_domain": "true"}, {"pattern": "b.cc/x"}]}',
            "a.cc",
            ("a.cc", "b.cc"),
        ),
        ('{"routes": [{"pattern": "a.cc", "custom_domain": true}, "b.cc/*"]}', "a.cc", ("a.cc", "b.cc")),
        ('{"routes": [{"pattern": "a.cc", "custom_domain": false}, "b.cc/*"]}', "", ("a.cc", "b.cc")),
        ('{"routes": ["a.cc/*", "A.cc/api/*", "*.a.cc/*"]}', "a.cc", ("a.cc", "*.a.cc")),
        ('{"routes": ["a.cc/*", "a.workers.dev/*"]}', "a.cc", ("a.cc", "a.workers.dev")),
        ('{"routes": ["a.cc/*", "b.cc/*"]}', "", ("a.cc", "b.cc")),
        ('{"route": "a.cc/**"}', "", ("a.cc",)),
        ('{"route": "a.me.workers.dev/*"}', "", ("a.me.workers.dev",)),
        ('{"route": "s.cc/*", "env": {"production": {"route": "p.cc/*"}}}', "p.cc", ("s.cc", "p.cc")),
        ('{"route": "p.cc/*", "env": {"production": {}, "staging": {"route": "s.cc/*"}}}', "p.cc", ("p.cc", "s.cc")),
        ('{"route": "s.cc/*", "env": {"production": {"route": "p.cc/api/*"}}}', "", ("s.cc", "p.cc")),
        ('{"route": "https://A.chitty.cc/api/*"}', "", ("a.chitty.cc",)),
        ('{"route": "https://a.chitty.cc/to/https://b.cc/*"}', "", ("a.chitty.cc",)),
        ('{"route": "*.chitty.cc/*"}', "", ("*.chitty.cc",)),
        ('{"route": "${HOST}/*", "routes": [5, {"pattern": null}]}', "", ()),
        ('{"routes": [5, {"pattern": null}, "a.chitty.cc/*"]}', "a.chitty.cc", ("a.chitty.cc",)),
        (
            (
                '{"routes": [{"pattern": "s.chitty.cc", "custom_domain": true}], "env": {"production": {"routes": '
                '[{"pattern": "p.chitty.cc", "custom_domain": true}]}}}'
            ),
            "p.chitty.cc",
            ("s.chitty.cc", "p.chitty.cc"),
        ),
        (
            '{"routes": [{"pattern": "a.cc", "custom_domain": true}, {"pattern": "b.cc", "custom_domain": true}]}',
            "",
            ("a.cc", "b.cc"),
        ),
        ('{"env": {"staging": {"routes": [{"pattern": "s.cc", "custom_domain": true}]}}}', "", ("s.cc",)),
        ('{"env": 3, "routes": {}}', "", ()),
    ],
)
def test_a_domain_is_read_from_the_one_host_of_production(config: str, domain: str, hosts: tuple[str, ...]) -> None:
    """Routes tell every host; a domain only where all of exactly one leads to production, or one custom domain does."""
    found = detect(repository({"wrangler.json": config}))
    assert (found.domain, found.hosts) == (domain, hosts)


@pytest.mark.parametrize(
    "text, hosts, place",
    [
        ('name = "w"\nroutes = ["a.cc/*", "b.cc", "a.cc", "c.cc/x", "d.workers.dev/*"]\n', ("a.cc", "b.cc"), (2, 1)),
        ('routes = ["b.cc/*", {pattern = "a.cc", custom_domain = true}, {pattern = "c.cc", custom_domain = true}]',
         ("b.cc", "a.cc", "c.cc"), (1, 1)),
        ('route = "a.cc/*"\n[env.production]\nroute = "*.b.cc/*"\n', ("*.b.cc",), (3, 1)),
        ('[env.production]\nx = 1\nroutes = ["*b.cc/*", "a.cc", "b.cc"]\n', ("*b.cc", "a.cc", "b.cc"), (3, 1)),
        ('routes = ["a.cc/*"]\nroute = "b.cc"', ("a.cc", "b.cc"), (1, 1)),
        ('routes = ["a.cc/*", "*.a.cc/*"]', None, None),
        ('routes = ["a.cc/x", "b.cc/x", "*.c.cc/x"]', None, None),
        ('routes = ["a.workers.dev/*", "b.workers.dev/*"]', None, None),
        ('[env.staging]\nroutes = ["a.cc/*", "b.cc/*"]', None, None),
        ("", None, None),
    ],
)  # fmt: skip
def test_hosts_of_which_none_is_plainly_the_domain_are_told(
    text: str, hosts: tuple[str, ...] | None, place: tuple[int, int] | None
) -> None:
    """All that production wholly has, each once, in their order and at the key that names them."""
    found = detect(repository({"api/wrangler.toml": text}))
    told = found.open
    assert (told and told.hosts, told and (told.spot.line, told.spot.column)) == (hosts, place)
    assert told is None or (told.path, found.domain) == ("api/wrangler.toml", "")


@pytest.mark.parametrize("content", ["{", b"\xff\xfe{\x00}\x00", "[" * 5000, "", Link("/etc/hostname"), Link("gone")])
def test_a_manifest_that_cannot_be_read_stops_nothing(content: Content) -> None:
    """A broken wrangler file is still a Worker's, and a broken package.json still Node's; others tell what is wrong."""
    files: dict[str, Content] = {"wrangler.jsonc": content, "package.json": content}
    found = detect(repository(files))
    assert (found.type, found.name, found.stacks) == ("cloudflare-worker", "", ("cloudflare-workers", "node"))


@pytest.mark.parametrize(
    "files, name",
    [
        ({"package.json": '{"name": "@chittyos/one"}'}, "one"),
        ({"package.json": '{"name": "not a name"}'}, ""),
        ({"package.json": '{"name": 7}', "pyproject.toml": '[project]\nname = "two"\n'}, "two"),
        ({"pyproject.toml": '[tool.poetry]\nname = "three"\n'}, "three"),
        ({"Cargo.toml": '[package]\nname = "four"\n'}, "four"),
        ({"package.json": '{"name": "five"}', "wrangler.toml": 'name = "six"'}, "six"),
        ({"go.mod": "module x"}, "x"),
        ({"go.mod": "// module a\nmodule example.com/acme/seven/v2 // c\r\n\ngo 1.24\n"}, "seven"),
        ({"go.mod": 'module\t"example.com/eight"\n'}, "eight"),
        ({"go.mod": "module eight/v12\n"}, "eight"),
        ({"go.mod": "module a b\n"}, ""),
        ({"go.mod": b"\xff"}, ""),
        ({"setup.cfg": "[options]\nname = no\n[metadata]\r\nversion = 1\r\nname = nine-x\r\n"}, "nine-x"),
        ({"setup.cfg": "[metadata]\n# name = no\nlong =\n  name = no\nname:\tnine.y \n"}, "nine.y"),
        ({"setup.cfg": "[metadata]\nname = a b\n[x]\nname = no\n"}, ""),
        ({"setup.cfg": "[metadata]\nversion = 1\n [x]\n[y]\nname = no\n"}, ""),
        ({"setup.cfg": "name = no\n", "setup.py": "setup(name='no')\n"}, ""),
        ({"wrangler.toml": "", "package.json": '{"name": "ten"}'}, "ten"),
        ({"apps/api/wrangler.toml": 'name = "eleven"', "package.json": '{"name": "twelve"}'}, "eleven"),
        ({"sdk/python/pyproject.toml": '[project]\nname = "foo-sdk"\n'}, ""),
        ({"web/package.json": '{"name": "web"}', "Cargo.toml": '[package]\nname = "thirteen"\n'}, "thirteen"),
    ],
)
def test_a_name_is_read_from_the_nearest_manifest(files: dict[str, Content], name: str) -> None:
    """The only Worker's name, else the package's without its scope; what is no name is passed over.

    A package below the service's own folder is another thing, such as a client of it.
    """
    assert detect(repository(files)).name == name


def test_what_calls_the_service_is_its_worker_and_its_package() -> None:
    """Each with its place; a package of another language, and of another folder, may be called otherwise."""
    files: dict[str, Content] = {
        "api/wrangler.toml": '\nname = "one"\n',
        "package.json": '{"name": "@acme/two"}',
        "web/package.json": '{"name": "three"}',
        "pyproject.toml": '[project]\nname = "four"\n',
    }
    first, second = detect(repository(files)).called
    assert (first.name, first.path, first.spot) == ("one", "api/wrangler.toml", Spot(2, 1))
    assert (second.name, second.path, second.spot) == ("two", "package.json", Spot(1, 2))
    both = {**files, "b/wrangler.toml": 'name = "b"'}
    assert (detect(repository(both)).called, detect(repository(both)).name) == ((), "")
    assert [one.name for one in detect(repository(files, folder="web")).called] == ["three"]


@pytest.mark.parametrize(
    "other, told",
    [
        ('name = "new"\nroute = "a.cc/*"\n', []),
        ('route = "a.cc/x/*"\n', []),
        ("", []),
        ('\nname = "old"\n', [("another name", 2)]),
        ('name = "new"\n\nroute = "b.cc/*"\n', [("other routes", 3)]),
        ('\nroutes = [\n"b.cc/*"]\nname = "old"\n', [("another name", 4), ("other routes", 2)]),
        ("[", []),
    ],
)
def test_two_wrangler_files_of_a_folder_that_disagree_are_rivals(other: str, told: list[tuple[str, int]]) -> None:
    """The one that nobody reads states another name or other hosts; what it leaves out contradicts nothing."""
    files: dict[str, Content] = {"wrangler.json": '{"name": "new", "route": "a.cc/*"}', "wrangler.toml": other}
    found = detect(repository(files)).rivals
    assert [(one.states, one.spot.line) for one in found] == told
    assert {(one.path, one.counts) for one in found} <= {("wrangler.toml", "wrangler.json")}
    apart = {"a/wrangler.json": files["wrangler.json"], "b/wrangler.toml": other}
    assert detect(repository(apart)).rivals == ()


def test_each_wrangler_file_that_nobody_reads_is_compared() -> None:
    """In every folder, with the first; one that can't be read is told elsewhere."""
    files: dict[str, Content] = {
        "a/wrangler.json": '{"name": "a"}',
        "a/wrangler.jsonc": "{",
        "a/wrangler.toml": 'name = "b"',
        "c/wrangler.jsonc": "{}",
        "c/wrangler.toml": 'name = "c"\n[env.x]\nroute = "c.cc"',
        "d/wrangler.jsonc": "[",
        "d/wrangler.toml": 'name = "d"',
    }
    assert [(one.path, one.counts, one.states) for one in detect(repository(files)).rivals] == [
        ("a/wrangler.toml", "a/wrangler.json", "another name"),
        ("c/wrangler.toml", "c/wrangler.jsonc", "another name"),
        ("c/wrangler.toml", "c/wrangler.jsonc", "other routes"),
    ]


def test_a_folder_is_bare_without_a_manifest_of_its_own() -> None:
    """Those of its subfolders are not its own."""
    files: dict[str, Content] = {"a/x.sh": "", "a/b/package.json": "{}", "c/setup.py": "", "package.json": "{}"}
    assert [detect(repository(files, folder=one)).bare for one in ("", "a", "a/b", "c")] == [False, True, False, False]


def test_dot_github_is_a_repository_of_the_organisation() -> None:
    """A repository called .github holds the organisation's configuration, whatever else is in it."""
    found = detect(repository({"package.json": PACKAGE}), "chittyos/.github")
    assert (found.type, found.evidence) == ("org-config", "the repository's name is .github")
    assert detect(repository({"package.json": PACKAGE}), "chittyos/x.github").type == "npm-package"
    inner = repository({"tool/package.json": PACKAGE}, folder="tool")
    assert detect(inner, "chittyos/.github").type == "npm-package"


def test_a_package_below_the_root_is_not_the_repositorys_package() -> None:
    """A publishable package of a monorepo does not make the whole an npm package; in its own folder it is one."""
    files: dict[str, Content] = {"packages/a/package.json": PACKAGE}
    assert detect(repository(files)).type == "tool"
    assert detect(repository(files, folder="packages/a")).type == "npm-package"


@pytest.mark.parametrize(
    "files, evidence",
    [
        ({"a/wrangler.toml": ""}, "a/wrangler.toml"),
        (
            {"a/wrangler.toml": "pages_build_output_dir = 1", "go.mod": ""},
            "a/wrangler.toml describes a Pages project, not a Worker",
        ),
        ({"package.json": PACKAGE}, "package.json"),
        ({"go.mod": "", "a/package.json": "{}"}, "go.mod"),
        ({"run.sh": ""}, "no manifest says more"),
        ({"a.md": ""}, "there is nothing but prose in it"),
    ],
)
def test_a_type_says_what_it_is_known_by(files: dict[str, Content], evidence: str) -> None:
    """Somebody who wonders about the type is told which file it comes from."""
    assert detect(repository(files)).evidence == evidence


def test_a_package_without_a_name_and_prose_beside_a_package_are_tools() -> None:
    """Only a package that could be published is one, and a site that Node builds is no mere prose."""
    assert detect(repository({"package.json": '{"version": "1.0.0"}'})).type == "tool"
    assert detect(repository({"package.json": '{"name": "x"}', "a.md": "x"})).type == "tool"
    assert detect(repository({".eslintrc": "", "docs/package.json": "{}", "a.md": ""})).type == "tool"
