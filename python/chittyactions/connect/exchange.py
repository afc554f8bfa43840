"""Which credential is asked of which route, in which order, and what is said when none of them grants it.

With both identities the route whose credential can be revoked comes first (the provision for Cloudflare's token,
the id token for everything else) and the other identity is the fallback. The API key alone prefers the one call that
grants all, and provisions one by one where the service has no such route.
"""

from __future__ import annotations

from chittyactions.connect.catalogue import ACCOUNT_ID, CLOUDFLARE_TOKEN, IN_ONE_CALL
from chittyactions.connect.routes import WAYS
from chittyactions.errors import AnswerLost, BadAnswer, Cancelled, ChittyError, CredentialError, Refused, Unreachable
from chittyactions.http import LOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from chittyactions.connect.catalogue import Ask
    from chittyactions.connect.credential import Credential
    from chittyactions.connect.identity import Identity
    from chittyactions.connect.routes import Routes

BY_KEY = ("deploy", "provision")


class Exchange:
    """One run: `granted` by name in the order of arrival, `refused` what each route said to which names."""

    def __init__(self, ask: Ask, identity: Identity, routes: Routes) -> None:
        self._ask = ask
        self._identity = identity
        self._routes = routes
        self.granted: dict[str, Credential] = {}
        self.refused: list[tuple[str, tuple[str, ...], ChittyError]] = []
        self._plan = {name: self._order(name) for name in ask.names}

    def run(self) -> None:
        """Ask route after route until everything is granted or refused. Raises Cancelled, and CredentialError for a
        credential that may not be used (too short to be masked).
        """
        while step := self._next():
            route, names = step
            for name in names:
                self._plan[name].pop(0)
            self._try(route, names)

    def _order(self, name: str) -> list[str]:
        """The routes for one credential, the preferred one first."""
        key = self._by_key(name) if self._identity.key else []
        if not self._identity.oidc or name == self._ask.typed:
            return key
        if name == CLOUDFLARE_TOKEN and "provision" in key:
            return ["provision", "oidc", *(route for route in key if route == "deploy")]
        return ["oidc", *key]

    def _by_key(self, name: str) -> list[str]:
        """The routes of the API key. The one call issues several tokens, so it is not made for what it can't give."""
        if name == ACCOUNT_ID and CLOUDFLARE_TOKEN in self._ask.names:
            return []  # comes with the token
        typed = ["provision"] if self._ask.provision(name) is not None else []
        if self._bound_to_provision(name):
            return typed
        return ["deploy", *typed] if name in IN_ONE_CALL else typed

    def _bound_to_provision(self, name: str) -> bool:
        """Whether only a provision keeps to what was asked: the one call takes neither a type nor zones."""
        return name == self._ask.typed or (name == CLOUDFLARE_TOKEN and bool(self._ask.zones))

    def _next(self) -> tuple[str, list[str]] | None:
        """The next route to ask and the names to ask it for."""
        waiting = {name: plan[0] for name, plan in self._plan.items() if plan and name not in self.granted}
        if not waiting:
            return None
        # Cloudflare's token first: its provision brings the account along, which then need not be asked for.
        first = CLOUDFLARE_TOKEN if CLOUDFLARE_TOKEN in waiting else next(iter(waiting))
        route = waiting[first]
        if route == "provision":
            return route, [first]
        return route, [name for name, its in waiting.items() if its == route]

    def _try(self, route: str, names: Sequence[str]) -> None:
        ask = getattr(self._routes, route)
        try:
            self._accept(ask(names, hasty=self._elsewhere(route, names)))
        except (Cancelled, CredentialError):
            raise
        except ChittyError as error:
            self.refused.append((route, tuple(names), error))
            self._give_up(route, names, error)
        else:
            self._note_a_gap(route, names)
        self._routes.flight.land()  # not before the outcome is noted: this is where a cancelled job ends

    def _note_a_gap(self, route: str, names: Sequence[str]) -> None:
        missed = tuple(name for name in names if name not in self.granted)
        if missed:
            gap = CredentialError(
                f"ChittyConnect answered without {listed(missed)}.",
                why="The answer is a success, and the value is missing or empty.",
                fix="Tell the operators of ChittyConnect, or ask for the credential by the other identity.",
                docs="getchitty-creds.md#without-the-credential",
            )
            self.refused.append((route, missed, gap))

    def _accept(self, credentials: Sequence[Credential]) -> None:
        for credential in credentials:
            name = credential.name
            untyped = credential.way != "provision" and name == self._ask.typed
            if not untyped and not (credential.way == "deploy" and self._bound_to_provision(name)):
                self.granted.setdefault(name, credential)

    def _elsewhere(self, route: str, names: Sequence[str]) -> bool:
        """Whether the other identity can still grant them, so that waiting for a limit would be a waste."""
        others = ("oidc",) if route != "oidc" else BY_KEY
        return all(any(other in self._plan[name] for other in others) for name in names)

    def _give_up(self, route: str, names: Sequence[str], error: ChittyError) -> None:
        """Drop from the plan what this failure makes pointless or unsafe to try."""
        status = error.status if isinstance(error, Refused) else 0
        if route == "oidc" and isinstance(error, Refused):
            self._without(names, error)
        elif isinstance(error, Unreachable) and error.service == "ChittyConnect":
            self._drop("oidc", *BY_KEY)
        elif route == "deploy" and status != 404:
            self._drop(*BY_KEY)  # its answer may be lost, or its key no good: no second mint in its place
        elif route == "provision" and (status in (401, 429) or lost(error)):
            self._drop(*BY_KEY)

    def _without(self, names: Sequence[str], error: Refused) -> None:
        """Ask by id token again for what it does offer, when a name that it does not offer spoiled the whole."""
        offered = set(names) & set(error.offers)
        if offered and offered != set(names):
            self.refused[-1] = ("oidc", tuple(name for name in names if name not in offered), error)
            for name in offered:
                self._plan[name].insert(0, "oidc")

    def _drop(self, *routes: str) -> None:
        for plan in self._plan.values():
            plan[:] = [route for route in plan if route not in routes]

    def error(self, missing: Sequence[str]) -> ChittyError:
        """Why `missing` were not granted: what each way said, or why there was no such way."""
        told = self._told(missing)
        untold = self._untried(missing, {"oidc" if route == "oidc" else "api-key" for route, _ in told})
        what = f"ChittyConnect did not grant {listed(missing)}"
        if len({id(error) for _, error in told}) == 1:
            only = told[0][1]
            return CredentialError(
                f"{what}: {_as_it(only)}",
                why=" ".join(part for part in (only.why, *untold) if part),
                fix=only.fix,
                yaml=only.yaml,
                docs=only.docs,
            )
        reasons = dict.fromkeys(f"{WAYS[route]}: {error.what} {error.why}".rstrip() for route, error in told)
        weighty = [error for route, error in told if error.fix and not no_such_call(route, error)]
        leading = next(iter(weighty or [error for _, error in told if error.fix]), None)
        return CredentialError(
            f"{what}: {_as_it(weighty[0])}" if len(weighty) == 1 else f"{what}.",
            why=" ".join([*reasons, *untold]),
            fix=leading.fix if leading else "Pass the other identity, or leave the credential out of `credentials`.",
            yaml=leading.yaml if leading else "",
            docs=weighty[0].docs if len(weighty) == 1 else "getchitty-creds.md#not-granted",
        )

    def _told(self, missing: Sequence[str]) -> list[tuple[str, ChittyError]]:
        """What each route said of `missing`. That there is no such call says nothing of a name that was provisioned."""
        provisioned = {name for route, names, _ in self.refused if route == "provision" for name in names}
        return [
            (route, error)
            for route, names, error in self.refused
            if set(names) & set(missing) - (provisioned if no_such_call(route, error) else set())
        ]

    def _untried(self, missing: Sequence[str], tried: set[str]) -> list[str]:
        """Why a way was not gone."""
        ways = {"oidc": "OIDC", "api-key": "API key"}
        told = [f"{ways[way]} was not tried: {why}." for way, why in self._identity.lacking.items() if way not in tried]
        untyped = [name for name in missing if self._ask.provision(name) is None and name != ACCOUNT_ID]
        if untyped and self._identity.key:
            told.append(f"API key (provision): there is no credential type for {listed(untyped)}.")
        if self._ask.typed in missing and self._identity.oidc:
            told.append(f"OIDC was not tried: it gives no credential of type {self._ask.kind}.")
        return told

    @property
    def auth_method(self) -> str:
        """oidc, api-key, both, or "" when nothing was granted."""
        used = {credential.identity for credential in self.granted.values()}
        return "both" if len(used) > 1 else "".join(used)


def no_such_call(route: str, error: ChittyError) -> bool:
    """Whether it only says that the service has no call that grants all at once, as today."""
    return route == "deploy" and isinstance(error, Refused) and error.status == 404


def lost(error: ChittyError) -> bool:
    """Whether the request may have taken effect though nothing of its answer can be used."""
    unread = isinstance(error, BadAnswer) and 200 <= error.status < 300
    return unread or isinstance(error, AnswerLost) or (isinstance(error, Refused) and error.status in LOST)


def _as_it(error: ChittyError) -> str:
    return error.what.replace("ChittyConnect ", "it ", 1)


def listed(names: Sequence[str]) -> str:
    """Names for a sentence."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def sentence(granted: dict[str, Credential]) -> str:
    """The one line of the log that says which way gave what."""
    ways: dict[str, list[str]] = {}
    for name, credential in granted.items():
        ways.setdefault(WAYS[credential.way], []).append(name)
    parts = [f"{listed(names)} by {way}" for way, names in ways.items()]
    return f"ChittyConnect granted {'; '.join(parts)}." if parts else "ChittyConnect granted nothing."
