"""The instance key and what is derived from it: token hashes, CSRF tokens, pseudonyms, seals.

One random key an installation, in PEERQA_HOME/instance.key (0600) or from a setting. Uses are kept
apart by a label (HKDF's "info", RFC 5869 section 3.2, done here as one HMAC of the label).
"""

import hashlib
import hmac
import os
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from peerqa.errors import N_, PeerQAError
from peerqa.settings import BadSetting, Settings

if TYPE_CHECKING:  # loaded when something is sealed: most commands seal nothing
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12  # NIST SP 800-38D section 8.2.2: random, for far fewer than 2**32 seals a use
_KEY = re.compile(rb"[!-~]{32,}")


class BrokenSeal(PeerQAError):
    """What was sealed was changed since, or sealed with another instance key or for another use."""

    code = "broken-seal"
    status = 500


class InstanceKey:
    """The root secret; never shown, never logged."""

    def __init__(self, root: bytes) -> None:
        self._root = root

    def __repr__(self) -> str:
        return "InstanceKey(…)"

    def digest(self, use: str, *parts: object) -> str:
        """Return 64 hexadecimal digits that only this installation can make.

        Args:
            use: what the digest is for; digests of different uses never match.
            parts: joined unambiguously, each with its length.
        """
        key = hmac.digest(self._root, use.encode(), "sha256")
        message = b"".join(b"%d:%b" % (len(part), part) for part in map(_bytes, parts))
        return hmac.new(key, message, hashlib.sha256).hexdigest()

    def seal(self, use: str, data: bytes) -> bytes:
        """Encrypt what only this installation may read again, for the same use (AES-256-GCM)."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher(use).encrypt(nonce, data, use.encode())

    def open(self, use: str, sealed: bytes) -> bytes:
        """Decrypt what seal() made.

        Raises:
            BrokenSeal: it is not as it was made, or made by another key or for another use.
        """
        from cryptography.exceptions import InvalidTag

        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher(use).decrypt(nonce, rest, use.encode())
        except (InvalidTag, ValueError):  # ValueError: not even as long as a seal
            raise BrokenSeal(
                N_("A secret in the database cannot be read: it belongs to another instance key."),
                use=use,
            ) from None

    def _cipher(self, use: str) -> "AESGCM":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(hmac.digest(self._root, b"seal:" + use.encode(), "sha256"))


def load_instance_key(settings: Settings) -> InstanceKey:
    """Read the key, or make it at the first start; two first starts at once agree on one.

    Raises:
        BadSetting: the file is damaged; with an empty key anybody could sign.
    """
    if settings.secret_key:
        return InstanceKey(settings.secret_key.get_secret_value().encode())
    path = settings.home / "instance.key"
    if not path.exists():
        _make_key(path)
    key = path.read_bytes().strip()
    if not _KEY.fullmatch(key):
        raise BadSetting(f"{path} is damaged. Restore it, or remove it: everybody signs in anew.")
    return InstanceKey(key)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"instance.key.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # fails when another process was first: then its key is the key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def new_token() -> str:
    """Return a URL-safe token of 256 random bits."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token; tokens have 256 bits, so no salt and no slow hash."""
    return hashlib.sha256(_bytes(token)).hexdigest()


def is_same(left: str, right: str) -> bool:
    """Compare without telling by time where they differ."""
    return hmac.compare_digest(_bytes(left), _bytes(right))


def _bytes(part: object) -> bytes:
    """Return the bytes of whatever was sent, halves of a character too."""
    return str(part).encode("utf-8", "surrogatepass")
