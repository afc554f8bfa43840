"""moto's S3 in this process: the engine behind the layer, loaded at the first request (it takes a second).

moto keeps its accounts in global variables, so each backend has an account of its own; one lock orders the calls.
moto's objects are written to the store when they change, and come back from there when the engine starts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from chittylocal.r2.calls import Call, Reply, answer_of
from chittylocal.r2.refusals import Refused
from chittylocal.r2.store import BLOCK, Object, Store

if TYPE_CHECKING:
    from moto.s3.models import FakeKey, FakeMultipart, S3Backend

REGION = "us-east-1"
USER = "tokens"
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}

CALLS = threading.RLock()
"""moto's state is the process's, not the backend's."""


class Engine:
    """S3 over a store. `keys` gives the access keys that are valid by now: id → secret."""

    def __init__(self, store: Store, keys: Callable[[], dict[str, str]]) -> None:
        self._store = store
        self._keys = keys
        self._account = str(uuid.uuid4().int)[:12]
        self._app: Callable[..., Any] | None = None

    @property
    def running(self) -> bool:
        """Whether moto is loaded and holds the store's objects."""
        return self._app is not None

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile; starts moto when that was not done yet."""
        with CALLS:
            self._start()
            yield

    def authenticate(self, call: Call) -> None:
        """Check the signature by moto's own code (which is botocore's). Raises `Refused`."""
        from moto.core.exceptions import ServiceException
        from moto.iam.access_control import S3IAMRequest

        self._sync_keys()
        headers = {name.title(): value for name, value in call.headers.items()}
        headers["Authorization"] = headers.pop("Authorization")
        path = call.path + (f"?{call.query}" if call.query else "")
        try:
            S3IAMRequest(self._account, call.method, path, {}, call.body, headers, "s3").check_signature()
        except ServiceException as refusal:
            raise Refused(403, str(refusal.code), str(refusal.message)) from None

    def send(self, call: Call) -> Reply:
        """moto's answer. Only within `held`."""
        assert self._app
        self._sync_keys()
        return answer_of(self._app, call, self._account)

    # -- what the layer looks at -------------------------------------------------------------------------------

    def object(self, bucket: str, key: str) -> Object | None:
        """An object as it is kept."""
        return self._store.objects(bucket).get(key)

    def parts(self, bucket: str, upload: str) -> dict[int, tuple[int, str]] | None:
        """Part number → size and ETag (without quotes) of an open upload, or None when there is none."""
        found = self._uploads(bucket).get(upload)
        if found is None:
            return None
        return {number: (part.size, part.etag.strip('"')) for number, part in sorted(found.parts.items())}

    def uploads(self, bucket: str) -> list[dict[str, Any]]:
        """The open uploads of a bucket: key, id, and the sizes of parts by number."""
        with CALLS:
            return [
                {"key": upload.key_name, "id": upload.id, "parts": {n: p.size for n, p in sorted(upload.parts.items())}}
                for upload in self._uploads(bucket).values()
            ]

    def _uploads(self, bucket: str) -> dict[str, Any]:
        found = self._backend().buckets.get(bucket) if self.running else None
        return dict(found.multiparts) if found else {}

    # -- moto and the store ------------------------------------------------------------------------------------

    def kept(self, bucket: str, key: str) -> None:
        """Write down what moto has under a key now, which may be nothing."""
        found = self._backend().buckets[bucket].keys.get(key)
        if found is None:
            self._store.remove(bucket, key)
            return
        metadata = {name.lower(): str(value) for name, value in found.metadata.items()}
        kept = self._store.keep(
            bucket,
            key,
            _pieces(found),
            etag=found.etag.strip('"'),
            content_type=metadata.get("content-type", "binary/octet-stream"),
            metadata={n.removeprefix("x-amz-meta-"): v for n, v in metadata.items() if n.startswith("x-amz-meta-")},
        )
        if found.multipart:  # moto would answer for an upload that is gone
            found.multipart = None
        self._bind(found, bucket, key, kept)

    def forget_missing(self, bucket: str) -> None:
        """Write down that objects are gone."""
        there = self._backend().buckets[bucket].keys
        for key in set(self._store.objects(bucket)) - set(there):
            self._store.remove(bucket, key)

    def bucket_changed(self, bucket: str) -> None:
        """Note a bucket that was made or removed."""
        if bucket in self._backend().buckets:
            self._store.make(bucket)
        else:
            self._store.drop(bucket)

    def load(self, bucket: str, key: str, kept: Object) -> None:
        """Give moto an object of the store."""
        new = self._backend().put_object(bucket, key, b"", etag=kept.etag, disable_notification=True)
        new.set_metadata({"Content-Type": kept.content_type} | {f"x-amz-meta-{n}": v for n, v in kept.metadata.items()})
        self._bind(new, bucket, key, kept)

    def _bind(self, found: FakeKey, bucket: str, key: str, kept: Object) -> None:
        """Let moto read an object from the store's file, so that its bytes are there once."""
        path = self._store.path(bucket, key)
        assert path
        found._value_buffer.close()  # noqa: SLF001 - `value` would hold all the bytes
        found._value_buffer = path.open("rb")  # type: ignore[assignment]  # noqa: SLF001
        found.contentsize = kept.size

    def stop(self) -> None:
        """Close what moto holds open for this backend."""
        if not self.running:
            return
        with CALLS:
            backend = self._backend()
            for bucket in backend.buckets.values():
                for key in list(bucket.keys.values()):
                    key.dispose()
                for upload in bucket.multiparts.values():
                    upload.dispose()
            backend.buckets.clear()
            self._app = None

    def _start(self) -> None:
        if self._app:
            return
        from moto import settings
        from moto.moto_server.werkzeug_app import create_backend_app
        from moto.s3.models import FakeMultipart

        settings.INITIAL_NO_AUTH_ACTION_COUNT = 0  # every signature is checked
        FakeMultipart.complete = _complete  # type: ignore[assignment, method-assign]
        self._app = create_backend_app("s3")
        self._user()
        for bucket in self._store.buckets():
            self._make(bucket)
            for key, kept in self._store.objects(bucket).items():
                self.load(bucket, key, kept)

    def _make(self, bucket: str) -> None:
        from moto.s3.models import s3_backends

        s3_backends.bucket_accounts.pop(bucket, None)  # another backend's bucket of that name is none of ours
        self._backend().create_bucket(bucket, REGION)

    def _backend(self) -> S3Backend:
        from moto.s3.models import s3_backends

        return s3_backends[self._account]["aws"]

    def _user(self) -> Any:
        from moto.iam.models import iam_backends

        backend = iam_backends[self._account]["aws"]
        if USER not in {user.name for user in backend.users.values()}:
            backend.create_user("aws", USER)
            backend.put_user_policy(USER, "everything", json.dumps(EVERYTHING))
        return backend.get_user(USER)

    def _sync_keys(self) -> None:
        from moto.iam.models import AccessKey

        keys = []
        for name, secret in self._keys().items():
            key = AccessKey(USER, "AKIA", self._account)  # type: ignore[abstract]
            key.access_key_id, key.secret_access_key = name, secret
            keys.append(key)
        self._user().access_keys = keys


def _complete(upload: FakeMultipart, named: Iterable[tuple[int, str]]) -> tuple[bytes, str, None]:
    """In the place of moto's own, which puts all bytes together in memory, twice. The parts were judged before.

    The object is empty at first; `Engine.kept` makes it of the parts.
    """
    parts = [upload.parts.pop(number) for number, _ in named]  # the others are disposed of by moto
    upload.partlist = []
    upload.whole = parts  # type: ignore[attr-defined]
    digest = hashlib.md5(b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts), usedforsecurity=False)
    return b"", f"{digest.hexdigest()}-{len(parts)}", None


def _pieces(found: FakeKey) -> Iterator[bytes]:
    """An object's bytes, or those of the parts that it is to be made of."""
    for source in found.multipart.whole if found.multipart else [found]:  # type: ignore[attr-defined]
        buffer = source._value_buffer  # noqa: SLF001 - `value` would copy them all
        buffer.seek(0)
        while block := buffer.read(BLOCK):
            yield block
        if source is not found:
            source.dispose()
