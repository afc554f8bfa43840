"""The reports: each a pure function of a verdict, one module for each format."""
