"""The ChittyConnect exchange: identity, protocols, revocation."""
