"""Deploy a Worker: build, check, upload, gate, roll back."""
