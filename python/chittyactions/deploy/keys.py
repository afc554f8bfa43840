"""Which words of a wrangler configuration are sent, which only steer a build, and which need the checkout.

An allow-list: the configuration that the deploy job writes for itself holds the words of `SENT` and nothing else.
A test holds these tables to the schema that the pinned wrangler ships, so that a new word is looked at before it is
let through. Source: https://developers.cloudflare.com/workers/wrangler/configuration/
"""

from __future__ import annotations

from typing import Any, TypeAlias

Shape: TypeAlias = "list[Shape] | dict[str, Shape] | None"
"""None: any value. A list: that shape, once or in a list. A dict: these keys and no other; `*` stands for any name."""


def of(names: str, **nested: Shape) -> dict[str, Shape]:
    """An object with these keys."""
    return {**dict.fromkeys(names.split()), **nested}


def each(names: str, **nested: Shape) -> list[Shape]:
    """A list of objects with these keys."""
    return [of(names, **nested)]


_SWITCHES = (
    "account_id compatibility_date compatibility_flags compliance_region first_party_worker keep_vars logpush name "
    "preview_urls upload_source_maps workers_dev"
)
_SAMPLED = "enabled head_sampling_rate persist destinations"
_ROUTE = of("pattern zone_id zone_name custom_domain enabled previews_enabled")
_WORKFLOW: dict[str, Shape] = {
    **of("name jurisdiction schedules"),
    "limits": of("steps"),
    "concurrency": of("limit"),
    "default_retention": of("success_retention error_retention"),
}

SENT: dict[str, Shape] = {
    **of(_SWITCHES),
    "route": [_ROUTE],
    "routes": [_ROUTE],
    "triggers": of("crons", events=each("type targets", filter=of("namespace repo_name"))),
    "limits": of("cpu_ms subrequests"),
    "placement": of("mode hint region host hostname"),
    "observability": of(
        "enabled head_sampling_rate redact_query_string",
        issues=of("enabled"),
        logs=of(_SAMPLED + " invocation_logs"),
        traces=of(_SAMPLED),
    ),
    "cache": of("enabled cross_version_cache"),
    "assets": of("directory binding html_handling not_found_handling base_path run_worker_first"),
    "python_modules": of("exclude"),
    # Durable Objects
    "durable_objects": of(
        "", bindings=each("name class_name script_name environment"), code_update_strategy=of("mode max_delay")
    ),
    "migrations": each(
        "tag new_classes new_sqlite_classes deleted_classes",
        renamed_classes=each("from to"),
        transferred_classes=each("from from_script to"),
    ),
    "exports": {
        "*": [of("type state storage renamed_to transferred_to transfer_from", cache=of("enabled"), **_WORKFLOW)]
    },
    # Bindings
    "vars": None,
    "secrets": of("required"),
    "workflows": [{**of("binding class_name script_name"), **_WORKFLOW}],
    "kv_namespaces": each("binding id"),
    "send_email": each("name destination_address allowed_destination_addresses allowed_sender_addresses"),
    "queues": of(
        "",
        producers=each("binding queue delivery_delay"),
        consumers=each(
            "queue type max_batch_size max_batch_timeout max_retries dead_letter_queue max_concurrency "
            "visibility_timeout_ms retry_delay"
        ),
    ),
    "connect": each("protocol port address idle_timeout_ms max_pending_bytes"),
    "r2_buckets": each("binding bucket_name jurisdiction"),
    "d1_databases": each(
        "binding database_name database_id jurisdiction migrations_table migrations_dir migrations_pattern "
        "database_internal_env"
    ),
    "vectorize": each("binding index_name"),
    "ai_search_namespaces": each("binding namespace"),
    "ai_search": each("binding instance_name"),
    "agent_memory": each("binding namespace"),
    "hyperdrive": each("binding id"),
    "services": each("binding service entrypoint environment", props=None),
    "analytics_engine_datasets": each("binding dataset"),
    "browser": of("binding"),
    "analytics": of("binding"),
    "ai": of("binding staging"),
    "images": of("binding"),
    "media": of("binding"),
    "stream": of("binding"),
    "version_metadata": of("binding"),
    "unsafe": of("", bindings=None, metadata=None),
    "mtls_certificates": each("binding certificate_id"),
    "tail_consumers": each("service environment"),
    "streaming_tail_consumers": each("service"),
    "dispatch_namespaces": each("binding namespace", outbound=of("service environment parameters")),
    "pipelines": each("binding stream pipeline"),
    "k2": each("binding stream"),
    "secrets_store_secrets": each("binding store_id secret_name"),
    "artifacts": each("binding namespace"),
    "unsafe_hello_world": each("binding enable_timer"),
    "flagship": each("binding app_id"),
    "ratelimits": each("name namespace_id", simple=of("limit period")),
    "worker_loaders": each("binding"),
    "vpc_services": each("binding service_id"),
    "vpc_networks": each("binding tunnel_id network_id"),
    "logfwdr": of("", bindings=each("name destination")),
}
"""Sent to Cloudflare as they are committed."""

BUILD_ONLY = frozenset(
    of(
        "$schema access addresses alias base_dir build define dependencies_instrumentation dev find_additional_modules "
        "jsx_factory jsx_fragment keep_names main minify no_bundle preserve_file_names previews rules send_metrics "
        "tsconfig"
    )
)
"""Used where the code is built, or on a laptop; nothing of them is sent. `access` holds local identities only."""

LOCAL_ONLY = frozenset(of("preview_id preview_bucket_name preview_database_id localConnectionString local_dev remote"))
"""Keys inside bindings that only `wrangler dev` reads."""

NEEDS_CHECKOUT = {
    "site": "Workers Sites uploads files from the checkout into KV; `assets` is its successor and can be separated",
    "wasm_modules": "it names files of the checkout; import the module from the code instead",
    "text_blobs": "it names files of the checkout; import the text from the code instead",
    "data_blobs": "it names files of the checkout; import the data from the code instead",
    "containers": "their images are built from a Dockerfile of the checkout when the Worker is deployed",
    "cloudchamber": "its images are built from a Dockerfile of the checkout when the Worker is deployed",
    "unsafe.capnp": "it names schema files of the checkout",
}
"""What can't be separated from the checkout, and why."""

NOT_INHERITED = frozenset(
    of(
        "agent_memory ai ai_search ai_search_namespaces analytics analytics_engine_datasets artifacts browser "
        "cloudchamber connect containers d1_databases define dispatch_namespaces durable_objects flagship "
        "hyperdrive images k2 kv_namespaces media mtls_certificates pipelines queues r2_buckets ratelimits secrets "
        "secrets_store_secrets send_email services stream streaming_tail_consumers tail_consumers unsafe "
        "unsafe_hello_world vars vectorize version_metadata vpc_networks vpc_services worker_loaders workflows"
    )
)
"""What an environment has to say for itself: wrangler does not take it over from the top level."""

TOP_ONLY = frozenset(
    of(
        "$schema addresses alias data_blobs dependencies_instrumentation dev env keep_vars pages_build_output_dir "
        "send_metrics site text_blobs wasm_modules"
    )
)
"""What has no meaning inside `env.X`."""


def unknown(value: Any, shape: Shape, path: str) -> list[str]:
    """Paths below `value` that `shape` does not know: `kv_namespaces[0].bindng`."""
    if shape is None:
        return []
    if isinstance(shape, list):
        if isinstance(value, list):
            return [p for i, item in enumerate(value) for p in unknown(item, shape[0], f"{path}[{i}]")]
        return unknown(value, shape[0], path)
    if isinstance(value, list):  # an object was expected; wrangler's own check says so better
        return []
    found = []
    for key, below in value.items() if isinstance(value, dict) else ():
        if key in LOCAL_ONLY:
            continue
        if key not in shape and "*" not in shape:
            found.append(f"{path}.{key}")
        else:
            found += unknown(below, shape.get(key, shape.get("*")), f"{path}.{key}")
    return found


def without_local(value: Any, shape: Shape) -> Any:
    """`value` without what only `wrangler dev` reads. Free-form values (vars, props) stay as they are."""
    if shape is None:
        return value
    below = shape[0] if isinstance(shape, list) else shape
    if isinstance(value, list):
        return [without_local(item, below) for item in value]
    if isinstance(value, dict) and isinstance(below, dict):
        return {
            key: without_local(item, below.get(key, below.get("*")))
            for key, item in value.items()
            if key not in LOCAL_ONLY
        }
    return value
