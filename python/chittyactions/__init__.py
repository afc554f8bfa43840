"""ChittyOps: credentials, deploys, publishing and compliance as Python composite actions."""

VERSION = "2.0.0"
