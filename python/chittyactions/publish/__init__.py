"""Publish one release to npm, R2 and Homebrew, each exactly once."""
