"""The samples as repositories of their own, and the changes that the demos make to them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.stage import git, toolkit_root

IDENTITY = ("-c", "user.name=Octo Cat", "-c", "user.email=octocat@users.noreply.github.com")

HEALTH = """\
app.get('/health', (context) => context.json({ status: 'ok', version: context.env.CF_VERSION_METADATA?.id }));
"""
SICK_HEALTH = """\
app.get('/health', async (context) => {
  const status = (await context.env.SETTINGS.get('status')) ?? 'ok';
  return context.json({ status, version: context.env.CF_VERSION_METADATA?.id });
});
"""
# A mistake that every service owner knows: the code asks for a binding that the tests have and the config lacks.
SICK = (
    ("src/index.ts", "  COUNTERS: KVNamespace;\n", "  COUNTERS: KVNamespace;\n  SETTINGS: KVNamespace;\n"),
    ("src/index.ts", HEALTH, SICK_HEALTH),
    ("test/hello.test.ts", "{ COUNTERS: counters(), ", "{ COUNTERS: counters(), SETTINGS: counters(), "),
    # In a hurry, too: no look at the preview first, so that the sick version does get the traffic.
    (
        ".github/workflows/deploy.yml",
        "include_beacon: false }",
        "include_beacon: false, strategy: direct, health_timeout: 2s }",
    ),
)


# Another language, and the version that has it.
NEXT_VERSION = "1.1.0"
NEXT = (
    ("src/index.ts", "fr: 'Bonjour' }", "fr: 'Bonjour', it: 'Ciao' }"),
    ("package.json", '"version": "1.0.0"', f'"version": "{NEXT_VERSION}"'),
    ("package-lock.json", '"version": "1.0.0"', f'"version": "{NEXT_VERSION}"'),
)


def make_worker(folder: Path) -> None:
    """Make the sample Worker's repository in `folder`, anew, with one commit."""
    _make("worker", "chittyos/hello", folder, "Greet and count")


def make_package(folder: Path) -> None:
    """Make the sample package's repository in `folder`, anew, with one commit that is tagged v1.0.0."""
    _make("package", "chittyos/greet", folder, "Greet in four languages")
    git(folder, "tag", "v1.0.0")


def make_sick(folder: Path) -> None:
    """Commit the change whose tests pass and whose /health fails in production."""
    _change(folder, SICK)
    _commit(folder, "Read the status from the settings")


def make_next(folder: Path) -> None:
    """Commit the package's next version and tag it."""
    _change(folder, NEXT)
    _commit(folder, "Greet in Italian")
    git(folder, "tag", f"v{NEXT_VERSION}")


def _make(sample: str, name: str, folder: Path, message: str) -> None:
    source = toolkit_root() / "examples" / sample
    if not source.is_dir():
        raise CannotRun(f"The sample is not in {source}: run the demo from a checkout, by `make demo`.")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", ".wrangler", "dist"))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", f"https://github.com/{name}.git")
    _commit(folder, message)


def _change(folder: Path, changes: Iterable[tuple[str, str, str]]) -> None:
    for name, before, after in changes:
        path = folder / name
        text = path.read_text("utf-8")
        if before not in text:
            raise CannotRun(
                f"{path} no longer has the line that the demo changes: bring chittylocal/demo/sample.py up."
            )
        path.write_text(text.replace(before, after), "utf-8")


def _commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--message", message)
