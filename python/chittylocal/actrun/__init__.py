"""A repository's own workflow, run by act in host mode against the embedded backend.

`stage` copies what GitHub would check out, `workflows` reads what the workflow needs, `event` makes the event
that starts it, `acting` starts act and cleans up after it, `render` shows its progress, and `session` is the
sequence of them. `command` is `chittyops local run`.
"""
