"""Talking with platforms: our keys and theirs, access tokens, authorized requests."""
