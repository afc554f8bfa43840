"""Clients of the services around a deploy: Cloudflare, registry, beacon, GitHub."""
