"""One upload by boto3's `upload_file` with its own defaults, as a process; what it cost as JSON on stdout."""

import time

import boto3  # type: ignore[import-untyped]
from benchmarks.publish.r2_cost import Given, tell

given = Given.read()
s3 = boto3.client(
    "s3",
    endpoint_url=given.endpoint,
    aws_access_key_id=given.key_id,
    aws_secret_access_key=given.secret,
    region_name="auto",
)
started = time.perf_counter()
s3.upload_file(str(given.path), given.bucket, given.key, ExtraArgs={"Metadata": {"sha256": given.sha256}})
tell(time.perf_counter() - started)
