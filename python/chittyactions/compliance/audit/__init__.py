"""The same checks over every repository of the registry, read from GitHub."""
