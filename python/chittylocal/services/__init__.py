"""One module a service; each gives `routes(world)` for its path prefix."""
