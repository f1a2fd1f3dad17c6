"""The client: one request, checked, sent and answered within its bounds."""

import ssl
import time
from collections.abc import Mapping, Sequence
from functools import cached_property

from peerqa.errors import N_
from peerqa.outgoing.reply import Refused, Reply, Unreachable
from peerqa.outgoing.targets import (
    Address,
    Resolver,
    Target,
    is_public,
    read_target,
    resolve,
    resolve_in_time,
)
from peerqa.outgoing.wire import Watch, connect, read_reply, told_in_sentences
from peerqa.settings import Settings

TOTAL_SECONDS = 5.0
MAX_BYTES = 256 * 1024
USER_AGENT = "PeerQA (LTI tool)"
TRIED_ADDRESSES = 4  # of a name that has more


class Client:
    """Sends what PeerQA sends out, to whom it may."""

    def __init__(
        self,
        settings: Settings,
        *,
        resolver: Resolver = resolve,
        trust: ssl.SSLContext | None = None,
    ) -> None:
        """Keep what may be reached; nothing is sent yet.

        Args:
            trust: authorities; those of the system (SSL_CERT_FILE names others) when None.
        """
        self._is_open = settings.demo  # http and the own machine: for development
        self._networks = settings.networks
        self._resolver = resolver
        self._given_trust = trust

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        max_bytes: int = MAX_BYTES,
    ) -> Reply:
        """Send one request, and read its answer.

        Raises:
            Refused: it must not be sent there.
            Unreachable: no answer, none in time, too long a one, or a packed one.
        """
        watch = Watch(time.monotonic() + TOTAL_SECONDS)
        target = self._read(url)
        addresses = self._check(target, watch.deadline)
        sent = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
        with told_in_sentences(target, watch), watch:
            connection = connect(target, addresses, watch, lambda: self._trust)
            try:
                connection.request(
                    method, target.path, body=body, headers=sent,
                    preload_content=False, decode_content=False,
                )  # fmt: skip
                return read_reply(connection, target, watch, max_bytes=max_bytes)
            finally:
                connection.close()

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return self._given_trust or ssl.create_default_context()

    def _read(self, url: str) -> Target:
        try:
            target = read_target(url)
        except ValueError:
            raise Refused(N_("This is no address that PeerQA can send to.")) from None
        if target.scheme != "https" and not self._is_open:
            raise Refused(
                N_("%(host)s is addressed without https, so nothing is sent there."),
                host=target.host,
            )
        return target

    def _check(self, target: Target, deadline: float) -> Sequence[Address]:
        """Resolve once; one forbidden answer refuses them all."""
        with told_in_sentences(target):
            addresses = resolve_in_time(self._resolver, target, deadline)
        if not addresses:
            raise Unreachable(N_("%(host)s could not be found."), host=target.host)
        if not all(self._may_reach(address) for address in addresses):
            raise Refused(
                N_(
                    "%(host)s is on a private network, so nothing is sent there. Who runs PeerQA "
                    "can allow the network (PEERQA_ALLOWED_NETWORKS)."
                ),
                host=target.host,
            )
        return addresses[:TRIED_ADDRESSES]

    def _may_reach(self, address: Address) -> bool:
        if self._is_open and str(address) in {"127.0.0.1", "::1"}:
            return True
        return is_public(address) or any(address in network for network in self._networks)
