"""`getchitty-creds`: exchange the job's identity for credentials, mask them, hand them out, note the leases.

Order is safety here. What an answer grants is masked and its lease saved before anything else is done with it.
"""

from __future__ import annotations

import json
import sys

from chittyactions.connect import address, lease
from chittyactions.connect.catalogue import OUTPUTS, Ask, canonical
from chittyactions.connect.exchange import Exchange, listed, sentence
from chittyactions.connect.flight import Flight
from chittyactions.connect.identity import ISSUER, PAGE, IdTokens, identify
from chittyactions.connect.report import afterwards, detours, earliest, losses, summary
from chittyactions.connect.routes import Routes
from chittyactions.entries import guarded
from chittyactions.errors import Cancelled, ChittyError, CredentialError, InputError
from chittyactions.http import Client, Deadline
from chittyactions.inputs import Inputs
from chittyactions.runner import Runner

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chittyactions.connect.credential import Credential

DEFAULT_URL = "https://connect.chitty.cc"


class Wanted:
    """The inputs of the action, read; the service's address from `environ` where no input names it."""

    def __init__(self, read: Inputs, environ: Mapping[str, str]) -> None:
        self.api_key = read.secret("api_key")
        self.purpose = read.text("purpose", "ci-deploy")
        self.service = read.text("service")
        self.credentials = read.names("credentials")
        self.type = read.text("type", pattern=r"[a-z0-9_]{1,60}", like="cloudflare_workers_deploy")
        self.zones = read.names("zones")
        self.url = self._address(read, environ)
        self.auth = read.choice("auth", ("auto", "oidc", "api-key"), "auto")
        self.timeout = read.seconds("timeout", "60s", low=1, high=600)
        self.export_env = read.flag("export_env", default=False)
        self.revoke = read.flag("revoke", default=True)
        self.required = tuple(canonical(name) for name in read.names("required"))
        self._check_names(read)

    def _address(self, read: Inputs, environ: Mapping[str, str]) -> str:
        given, named = read.text("connect_url"), environ.get("CHITTYCONNECT_URL", "").strip()
        url = given or named or DEFAULT_URL
        wrong = address.trouble(url)
        if wrong:
            read.problem(f"{'connect_url' if given else 'the environment variable CHITTYCONNECT_URL'} {wrong}")
        return url.rstrip("/")

    def _check_names(self, read: Inputs) -> None:
        for name in (*self.credentials, *self.required, *self.zones):
            if not name.replace("_", "").replace("-", "").replace(".", "").isalnum() or not name.isascii():
                read.problem(f"{name[:60]!r} is no name of a credential or zone")


def read_inputs(read: Inputs) -> Wanted:
    """Every input of the action; raises InputError for all problems at once."""
    wanted = Wanted(read, {})
    read.finish()
    return wanted


class Step:
    """One run of the action."""

    def __init__(self, runner: Runner, wanted: Wanted) -> None:
        environ = runner.environ
        self._runner = runner
        self._wanted = wanted
        self._ask = Ask(
            wanted.credentials,
            kind=wanted.type,
            zones=wanted.zones,
            service=wanted.service,
            purpose=wanted.purpose,
            repo=environ.get("GITHUB_REPOSITORY", ""),
            run_id=environ.get("GITHUB_RUN_ID", ""),
        )
        self._required = wanted.required or self._ask.names
        self._url = wanted.url
        self._deadline = Deadline(wanted.timeout)
        self._kept: list[Credential] = []
        self._unfit: dict[str, CredentialError] = {}
        self._reported = False

    def run(self) -> None:
        """Fetch, hand out, report. Raises an error of the tree when a required credential is not there."""
        runner, wanted = self._runner, self._wanted
        identity = identify(wanted.auth, wanted.api_key, runner.environ)
        if address.in_the_clear(self._url):
            runner.warning(f"{self._url} is not encrypted: credentials travel in the clear.", title="No TLS")
        if identity.key and wanted.revoke:
            for name, value in (("url", self._url), ("api_key", identity.key), ("timeout", f"{wanted.timeout:g}")):
                runner.state(name, value)
        flight = Flight(self._deadline)
        flight.watch()
        tokens = IdTokens(self._client(ISSUER), runner.environ, runner.mask) if identity.oidc else None
        client = self._client("ChittyConnect")
        routes = Routes(self._url, client, self._ask, tokens=tokens, key=identity.key, keep=self._keep, flight=flight)
        exchange = Exchange(self._ask, identity, routes)
        try:
            exchange.run()
            flight.leave()  # what was granted is handed out and told whole, whatever signal comes
            self._hand_out(exchange)
            flight.land()
        except ChittyError as failure:
            flight.leave()
            if not self._reported:
                self._report(exchange, {})
            if isinstance(failure, Cancelled):
                failure.fix = afterwards(self._kept, losses(exchange), revoke=wanted.revoke)
            raise

    def _client(self, service: str) -> Client:
        return Client(service, self._deadline, environ=self._runner.environ, say=self._runner.info)

    def _keep(self, credentials: Sequence[Credential]) -> list[Credential]:
        """Save the leases of all that came and mask it; return what of it can be used.

        Raises CredentialError when something required cannot. The leases come first: a token id is no secret.
        """
        self._kept += credentials
        leases = self._leases
        if leases and self._wanted.revoke:
            self._runner.state("leases", lease.dump(leases))
        unfit = {held.name: trouble for held in credentials for trouble in self._mask(held)}
        for name in self._required:
            if name in unfit:
                raise unfit[name]
        self._unfit |= unfit
        return [held for held in credentials if held.name not in unfit]

    @property
    def _leases(self) -> list[Credential]:
        return [held for held in self._kept if held.token_id]

    def _mask(self, credential: Credential) -> list[CredentialError]:
        """Mask each of its secrets, and return what is wrong with it."""
        unfit = []
        for secret in credential.secrets:
            try:
                self._runner.mask(credential.name, secret)
            except CredentialError as error:  # noqa: PERF203 - the others are masked all the same
                unfit.append(error)
        if not credential.is_text:
            unfit.append(
                CredentialError(
                    f"{credential.name} is no text: it holds half a character (a lone surrogate).",
                    why="No file and no variable can hold it, so it would arrive as something else.",
                    fix=f"Replace {credential.name} where ChittyConnect keeps it.",
                    docs=f"{PAGE}#bad-answer",
                )
            )
        return unfit

    def _hand_out(self, exchange: Exchange) -> None:
        granted = _in_order(exchange.granted, self._ask.names)
        runner = self._runner
        runner.info(sentence(granted))
        runner.outputs(outputs(granted, self._leases, exchange.auth_method))
        if self._wanted.export_env:
            self._export(granted)
        self._report(exchange, granted)
        missing = [name for name in self._required if name not in granted]
        if missing:
            raise exchange.error(missing)
        spared = [name for name in self._ask.names if name not in granted and name not in self._unfit]
        if spared:
            left = exchange.error(spared)
            runner.warning(f"{left.what} {left.why}", title="Not granted, and not required")

    def _export(self, granted: Mapping[str, Credential]) -> None:
        """Environment variables for later steps, of names that were asked for: a service's own could be PATH."""
        for name, credential in granted.items():
            if name in (*self._ask.names, *self._required):
                self._runner.export(name, credential.value)

    def _report(self, exchange: Exchange, granted: Mapping[str, Credential]) -> None:
        """The summary of all that was issued, and a warning for what is lost, unfit, or came by another way."""
        self._reported = True
        runner, revoke = self._runner, self._wanted.revoke
        if self._kept:
            runner.summary(summary(granted, self._kept, revoke=revoke))
        for names in losses(exchange):
            runner.warning(
                f"{listed(names)} may have been issued though the answer was lost; it can't be revoked by this "
                "job, since its token id is unknown.",
                title="A credential may be left over",
            )
        for trouble in self._unfit.values():
            runner.warning(f"{trouble.what} {trouble.why} It was left out. {trouble.fix}", title="Left out")
        for level, text in detours(exchange, revoke=revoke) if granted else ():
            getattr(runner, level)(text, title="Granted by another way")


def outputs(granted: Mapping[str, Credential], leases: Sequence[Credential], auth_method: str) -> dict[str, str]:
    """Every output of the action by name; "" for what was not granted."""
    found = {output: granted[name].value if name in granted else "" for name, output in OUTPUTS.items()}
    found["neon_token"] = found["neon_token"] or found["neon_database_url"]  # the old name of the same
    return found | {
        "expires_at": earliest(granted),
        "lease_ids": ",".join(credential.token_id for credential in leases),
        "auth_method": auth_method,
        "granted": ",".join(granted),
        "credentials": json.dumps({name: held.value for name, held in granted.items()}, ensure_ascii=False),
    }


def _in_order(granted: Mapping[str, Credential], asked: Sequence[str]) -> dict[str, Credential]:
    names = [name for name in asked if name in granted]
    return {name: granted[name] for name in dict.fromkeys([*names, *granted])}


def _main(runner: Runner) -> int:
    try:
        read = Inputs.load(runner.environ)
        wanted = Wanted(read, runner.environ)
        if wanted.api_key:
            runner.mask("The API key", wanted.api_key)
        read.finish()
    except InputError as error:
        error.docs = f"{PAGE}#inputs"
        raise
    Step(runner, wanted).run()
    return 0


def main() -> int:
    """Run the action; its exit code."""
    return guarded(_main, Runner())


if __name__ == "__main__":
    sys.exit(main())
