"""`make demo`: a sample Worker's own workflow, twice: a verified deploy, then a sick version that is rolled back.
`make demo-publish`: a sample package's, four times: published, published already, killed half-way, finished.

`main` is what a person starts, `sample` makes the repositories, `deploy_story` and `publish_story` run their workflows
and hold the backend's state to what is claimed (`claims`), `deploying` and `publishing` show it on the `screen`.
"""

from __future__ import annotations

from chittylocal.demo.main import main

__all__ = ["main"]
