"""What GitHub would know of a repository's commits: how any two stand to each other, those of earlier runs included.

The state folder has a bare repository for each that was run. It borrows the original's objects, and keeps of each
commit that only a staged copy has (the uncommitted changes) the commit itself: nothing more is needed to compare.
"""

from __future__ import annotations

from pathlib import Path

from chittylocal.actrun.stage import Repository, git, repository_root
from chittylocal.services.github_data import Data


def remember(github: Data, staged: Repository, original: Path, state: Path) -> None:
    """Let the local GitHub know the history of what is about to run: the repository at `original`, and its copy."""
    root, is_git = repository_root(original)
    folder = state / "git" / f"{staged.full_name}.git"
    if not folder.is_dir():
        folder.mkdir(parents=True)
        git(folder, "init", "--quiet", "--bare")
    if is_git:
        objects = Path(git(root, "rev-parse", "--git-path", "objects"))
        (folder / "objects" / "info" / "alternates").write_text(f"{root / objects}\n")
        shallow = root / git(root, "rev-parse", "--git-path", "shallow")
        if shallow.is_file():
            (folder / "shallow").write_bytes(shallow.read_bytes())
        else:
            (folder / "shallow").unlink(missing_ok=True)
    if staged.changed:
        _keep(staged, folder)

    def compare(base: str, head: str) -> tuple[int, int] | None:
        count = ("rev-list", "--left-right", "--count", "--end-of-options")
        counted = git(folder, *count, f"{base}...{head}", check=False)
        behind, _, ahead = counted.partition("\t")
        return (int(ahead), int(behind)) if ahead else None

    github.set_history(staged.full_name, compare)


def _keep(staged: Repository, folder: Path) -> None:
    """Copy the commit of the uncommitted changes, without its files."""
    commit = git(staged.folder, "cat-file", "commit", staged.sha) + "\n"
    git(folder, "hash-object", "-t", "commit", "-w", "--stdin", given=commit)
