"""The connection itself: to a checked address, watched, and read no further than allowed."""

import http.client
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection

from peerqa.errors import N_
from peerqa.outgoing.reply import Reply, Unreachable, Unreadable
from peerqa.outgoing.targets import Address, Target

CONNECT_SECONDS = 3.0
_READ_BYTES = 16 * 1024


class _Plain(HTTPConnection):
    """Speaks over a socket that is connected already."""

    plug: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.plug


class _Tls(HTTPSConnection):
    """The same with TLS, which checks the name and not the address."""

    plug: socket.socket

    def _new_conn(self) -> socket.socket:
        return self.plug


class Watch:
    """Ends a connection at its deadline, whatever it is doing."""

    def __init__(self, deadline: float) -> None:
        self.has_barked = False
        self.deadline = deadline
        self._timer: threading.Timer | None = None
        self._socket: socket.socket | None = None

    def __enter__(self) -> "Watch":
        return self

    def guard(self, plug: socket.socket) -> None:
        """Watch this connection; a handle of its own outlives TLS taking the socket over."""
        self._socket = socket.socket(fileno=os.dup(plug.fileno()))
        self._timer = threading.Timer(max(0.0, self.deadline - time.monotonic()), self._bark)
        self._timer.daemon = True
        self._timer.start()

    def _bark(self) -> None:
        self.has_barked = True
        try:
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # it has ended by itself

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        if self._socket is not None:
            self._socket.close()


def connect(
    target: Target,
    addresses: Sequence[Address],
    watch: Watch,
    trust: Callable[[], ssl.SSLContext],
) -> _Plain | _Tls:
    """Connect to the first of the checked addresses that answers, and shake hands.

    Args:
        trust: asked for https alone: to read the authorities takes a moment.
    """
    plug = _plug_in(target, addresses, watch.deadline)
    watch.guard(plug)
    connection: _Plain | _Tls = (
        _Tls(target.host, target.port, ssl_context=trust())
        if target.scheme == "https"
        else _Plain(target.host, target.port)
    )
    connection.plug = plug
    try:
        connection.connect()
    except BaseException:
        plug.close()
        connection.close()
        raise
    return connection


def _plug_in(target: Target, addresses: Sequence[Address], deadline: float) -> socket.socket:
    error: OSError = TimeoutError()
    for address in addresses:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        try:
            plug = socket.create_connection(
                (str(address), target.port), timeout=min(CONNECT_SECONDS, left)
            )
        except OSError as failure:
            error = failure
        else:
            plug.settimeout(max(0.1, deadline - time.monotonic()))
            return plug
    raise error


def read_reply(connection: _Plain | _Tls, target: Target, watch: Watch, *, max_bytes: int) -> Reply:
    """Read the reply to the end.

    Raises:
        Unreadable: it is packed, or too long.
        TimeoutError: the watch ended it; what was read by then is not the whole.
    """
    response = connection.getresponse()
    packed = (response.headers.get("Content-Encoding") or "identity").strip().lower()
    if packed != "identity":
        raise Unreadable(
            N_("%(host)s answered in an encoding that was not asked for."), host=target.host
        )
    body = bytearray()
    while piece := response.read(_READ_BYTES, decode_content=False):
        body += piece
        if len(body) > max_bytes:
            raise Unreadable(N_("%(host)s answered with too much."), host=target.host)
    if watch.has_barked:
        raise TimeoutError
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in response.headers.items():
        headers[name.lower()] = (*headers.get(name.lower(), ()), value)
    return Reply(response.status, headers, bytes(body), target.host)


@contextmanager
def told_in_sentences(target: Target, watch: Watch | None = None) -> Iterator[None]:
    """Turn what can go wrong on the way into a sentence.

    Raises:
        Unreachable: it went wrong.
    """
    try:
        yield
    except (OSError, ValueError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
        raise _tell(error, target, is_late=watch is not None and watch.has_barked) from None


def _tell(error: Exception, target: Target, *, is_late: bool) -> Unreachable:
    if is_late or isinstance(error, TimeoutError | urllib3.exceptions.TimeoutError):
        return Unreachable(N_("%(host)s did not answer in time."), host=target.host)
    if isinstance(error, socket.gaierror):
        return Unreachable(N_("%(host)s could not be found."), host=target.host)
    if isinstance(error, ssl.SSLError | urllib3.exceptions.SSLError):
        return Unreachable(
            N_("The certificate of %(host)s is not one that PeerQA trusts."), host=target.host
        )
    return Unreachable(N_("%(host)s could not be reached."), host=target.host)
