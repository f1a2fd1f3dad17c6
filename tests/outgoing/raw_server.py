"""A server on the loopback that answers with the bytes, and at the pace, that a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Answer = Callable[[socket.socket], None]  # is given the connection after the request's head


class RawServer:
    """Where it listens, and what it was sent."""

    def __init__(self, answer: Answer, trust: ssl.SSLContext | None = None) -> None:
        self._answer = answer
        self._tls = trust
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.heads: list[bytes] = []
        self.connections = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            with connection:
                self.heads.append(self._read_head(connection))
                self._answer(connection)

    @staticmethod
    def _read_head(connection: socket.socket) -> bytes:
        head = b""
        while b"\r\n\r\n" not in head and (piece := connection.recv(4096)):
            head += piece
        return head

    def close(self) -> None:
        self._listener.close()


@contextmanager
def serving(answer: Answer | bytes, *, trust: ssl.SSLContext | None = None) -> Iterator[RawServer]:
    def send(connection: socket.socket) -> None:
        assert isinstance(answer, bytes)
        connection.sendall(answer)

    server = RawServer(send if isinstance(answer, bytes) else answer, trust)
    try:
        yield server
    finally:
        server.close()


def reply(body: bytes = b"{}", *headers: str, status: str = "200 OK") -> bytes:
    """Return the bytes of a whole reply."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
