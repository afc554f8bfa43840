"""The compliance engine: facts of a repository, checks that turn them into findings, and reports of the verdict."""
