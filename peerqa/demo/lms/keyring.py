"""The keys of the LMS. They outlive a restart, so that a tool's cached key set still fits.

A rotation makes a new key and goes on publishing the last one, as Security Framework 1.0 section
6.3 wants; what is older leaves the set.
"""

import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from jwt.algorithms import RSAAlgorithm

from peerqa.demo.lms.web import Json

PUBLISHED = 2  # keys in the set: the one that signs, and the one before


@dataclass(frozen=True)
class Key:
    """A private key and its name."""

    kid: str
    private: RSAPrivateKey

    def public(self) -> dict[str, Json]:
        """Return what the key set says of it."""
        jwk = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {name: jwk[name] for name in ("kty", "n", "e")} | {
            "kid": self.kid,
            "alg": "RS256",
            "use": "sig",
        }


class Keyring:
    """The keys, the newest last."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self.keys = _read(path) if path is not None and path.exists() else []
        if not self.keys:
            self.rotate()

    @property
    def current(self) -> Key:
        """The key that signs."""
        return self.keys[-1]

    def rotate(self) -> Key:
        """Sign with a new key from now on."""
        self.keys = [*self.keys, make_key()][-PUBLISHED:]
        if self._path is not None:
            _write(self._path, self.keys)
        return self.current

    def document(self) -> dict[str, Json]:
        """Return the JWKS."""
        return {"keys": [key.public() for key in self.keys]}


def make_key() -> Key:
    """Return a new key."""
    return Key(secrets.token_hex(8), generate_private_key(public_exponent=65537, key_size=2048))


def _read(path: Path) -> list[Key]:
    keys = []
    for entry in json.loads(path.read_text(encoding="ascii")):
        private = load_pem_private_key(entry["pem"].encode(), password=None)
        assert isinstance(private, RSAPrivateKey)
        keys.append(Key(entry["kid"], private))
    return keys


def _write(path: Path, keys: list[Key]) -> None:
    entries = [
        {
            "kid": key.kid,
            "pem": key.private.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode(),
        }
        for key in keys
    ]
    replace(path, json.dumps(entries))


def replace(path: Path, text: str) -> None:
    """Write a file that is wholly the old or wholly the new one, and only this user's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
