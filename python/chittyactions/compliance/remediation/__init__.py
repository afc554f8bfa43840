"""What an audit found, brought to each service's own repository: one issue, or one pull request.

wanted.wanted → reconcile.decide for each service and what GitHub has → keeping.Keeper does it. The first two are pure.
"""
