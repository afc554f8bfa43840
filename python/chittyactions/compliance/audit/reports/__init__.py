"""The reports of an audit: each a pure function of a view of it, one module for each format."""
