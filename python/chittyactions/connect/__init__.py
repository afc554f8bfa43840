"""The ChittyConnect exchange: who the job is, what is asked by which route, what was granted, and its revocation."""
