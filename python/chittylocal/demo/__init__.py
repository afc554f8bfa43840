"""`make demo`: a sample Worker's own workflow, twice: a verified deploy, then a sick version that is rolled back.
`make demo-publish`: a sample package's, four times: published, published already, killed half-way, finished.
`make demo-audit`: a made ecosystem of 62 services, audited, changed, and audited again.

`main` is what a person starts, `sample` and `ecosystem` make the repositories, `deploy_story`, `publish_story` and
`audit_story` run what is shown and hold it to what is claimed (`claims`), `deploying`, `publishing` and `auditing` show
it on the `screen`.
"""

from __future__ import annotations

from chittylocal.demo.main import main

__all__ = ["main"]
