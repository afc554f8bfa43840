"""One upload by the R2 channel's own uploader, as a process; what it cost as JSON on stdout."""

import os
import time

from benchmarks.publish.r2_cost import Given, tell

from chittyactions.ecosystem.s3 import S3
from chittyactions.ecosystem.s3_signature import Keys
from chittyactions.http import Client, Deadline
from chittyactions.publish.model import ReleaseFile
from chittyactions.publish.r2_upload import Uploader

given = Given.read()
client = Client("R2", Deadline(600), environ=os.environ, try_timeout=300)
s3 = S3(client, Keys(given.key_id, given.secret), endpoint=given.endpoint, bucket=given.bucket)
file = ReleaseFile(given.path.name, given.path, given.path.stat().st_size, given.sha256)
started = time.perf_counter()
assert Uploader(s3, "benchmark", lambda _line: None).place(given.key, file, {"version": "1.0.0"})
tell(time.perf_counter() - started)
