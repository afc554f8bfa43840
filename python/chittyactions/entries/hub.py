"""GitHub for a command that works through many repositories: whose token, and who that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from chittyactions.cancel import ended_by
from chittyactions.compliance.remediation.pace import LimitReached
from chittyactions.ecosystem.github_issues import Account, Issues
from chittyactions.ecosystem.github_tokens import Tokens
from chittyactions.ecosystem.github_wire import BASE_URL
from chittyactions.entries.github_access import mask_for, tokens_of
from chittyactions.errors import ServiceError
from chittyactions.http import Client


class Hub:
    """GitHub with a token for each organisation; at the end of `with`, what was issued is revoked."""

    def __init__(self, client: Client, tokens: Tokens, base_url: str) -> None:
        self.client = client
        self.base_url = base_url
        self._tokens = tokens
        self._logins: dict[str, str] = {}

    @classmethod
    @contextmanager
    def of(
        cls, environ: Mapping[str, str], client: Client, permissions: Mapping[str, str], say: Callable[[str], None]
    ) -> Iterator[Hub]:
        """By the environment: a GitHub App's id and key, else a token. Raises CredentialError where it has neither.

        `permissions` are what an app's tokens ask for.
        """
        tokens = tokens_of(environ, permissions, mask_for(environ), say)
        with ended_by(tokens.close):
            yield cls(client, tokens, environ.get("GITHUB_API_URL") or BASE_URL)

    def token(self, repository: str) -> str:
        """The token for a repository (`owner/name`)."""
        return self._tokens.for_owner(repository.partition("/")[0])

    def login(self, repository: str) -> str:
        """Who writes there."""
        account = self._tokens.account(repository.partition("/")[0])
        if account not in self._logins:
            asked = Account(self.client, token=self.token(repository), base_url=self.base_url)
            self._logins[account] = asked.login()
        return self._logins[account]

    def issues(self, repository: str) -> Issues:
        """The issues of a repository."""
        return Issues(self.client, repository=repository, token=self.token(repository), base_url=self.base_url)

    def is_pinned(self, repository: str, node_id: str) -> bool:
        """Whether an issue is pinned. Raises ServiceError."""
        return Account(self.client, token=self.token(repository), base_url=self.base_url).is_pinned(node_id)

    def pin(self, repository: str, node_id: str) -> bool:
        """Pin an issue, as far as GitHub's API does; whether it is pinned."""
        try:
            return Account(self.client, token=self.token(repository), base_url=self.base_url).pin(node_id)
        except LimitReached:
            raise
        except ServiceError:
            return False
