"""The caller's project in the build job: its packages, and the steps that build it."""
