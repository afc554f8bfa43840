"""The sample Worker as a repository of its own, and the change that makes it sick."""

from __future__ import annotations

import shutil
from pathlib import Path

from chittylocal.actrun.problems import CannotRun
from chittylocal.actrun.stage import git, toolkit_root

REPOSITORY = "chittyos/hello"
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


def make_repository(folder: Path) -> None:
    """Make the sample Worker's repository in `folder`, anew, with one commit."""
    source = toolkit_root() / "examples" / "worker"
    if not source.is_dir():
        raise CannotRun(f"The sample Worker is not in {source}: run the demo from a checkout, by `make demo`.")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("node_modules", ".wrangler"))
    git(folder, "init", "--quiet", "--initial-branch", "main")
    git(folder, "remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
    _commit(folder, "Greet and count")


def make_sick(folder: Path) -> None:
    """Commit the change whose tests pass and whose /health fails in production."""
    for name, before, after in SICK:
        path = folder / name
        text = path.read_text("utf-8")
        if before not in text:
            raise CannotRun(
                f"{path} no longer has the line that the demo changes: bring chittylocal/demo/sample.py up."
            )
        path.write_text(text.replace(before, after), "utf-8")
    _commit(folder, "Read the status from the settings")


def _commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, *IDENTITY, "commit", "--quiet", "--message", message)
