"""What comes back is never waited for, read or unpacked longer than allowed."""

import gzip
import socket
import time

import pytest

from peerqa.outgoing import Client, Unreachable, Unreadable, client
from tests.outgoing.certificates import make_trust
from tests.outgoing.clients import settings
from tests.outgoing.raw_server import reply, serving


def test_a_reply_has_its_headers_as_often_as_they_came(open_client):
    answer = reply(
        b'{"a": 1}', "Link: <a>; rel=next", "lInK: <b>", "Date: Mon, 01 Jun 2026 12:00:00 GMT"
    )
    with serving(answer) as server:
        got = open_client.request("GET", f"http://127.0.0.1:{server.port}/a%20b?c=d&e=ü#f")

    assert got.list_headers("LINK") == ("<a>; rel=next", "<b>")
    assert got.find_header("nothing") is None
    assert got.date is not None
    assert got.date.isoformat() == "2026-06-01T12:00:00+00:00"
    assert (got.status, got.json()) == (200, {"a": 1})
    head = server.heads[0].decode()
    assert head.startswith("GET /a%20b?c=d&e=%C3%BC HTTP/1.1")
    assert "User-Agent: PeerQA" in head
    assert "Accept-Encoding: identity" in head


def test_a_date_that_is_none_is_none(open_client):
    with serving(reply(b"", "Date: yesterday")) as server:
        assert open_client.request("GET", f"http://127.0.0.1:{server.port}/").date is None


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed(open_client, status):
    with (
        serving(reply(b"secret")) as inside,
        serving(reply(b"", f"Location: http://127.0.0.1:{inside.port}/", status=status)) as server,
    ):
        got = open_client.request("GET", f"http://127.0.0.1:{server.port}/")

    assert got.status == int(status[:3])
    assert inside.connections == 0


def _never(_connection: socket.socket) -> None:
    time.sleep(3)


def _drip_head(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    for _ in range(60):
        connection.sendall(b"a")
        time.sleep(0.05)


def _drip_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(60):
        connection.sendall(b"a")
        time.sleep(0.05)


def _continue_for_ever(connection: socket.socket) -> None:
    for _ in range(60):
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.05)


@pytest.mark.parametrize("pace", [_never, _drip_head, _drip_body, _continue_for_ever])
def test_a_slow_server_is_left_when_time_is_up(open_client, monkeypatch, pace):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.4)
    with serving(pace) as server:
        began = time.monotonic()
        with pytest.raises(Unreachable, match="did not answer in time"):
            open_client.request("GET", f"http://127.0.0.1:{server.port}/")

    assert time.monotonic() - began < 1.5


def test_a_slow_resolver_is_left_when_time_is_up(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.2)

    def resolver(host: str, port: int) -> list[str]:
        time.sleep(2)
        return ["8.8.8.8"]

    with pytest.raises(Unreachable, match="in time"):
        Client(settings(tmp_path), resolver=resolver).request("GET", "https://lms.example/")


def test_a_host_that_does_not_exist_has_a_sentence(tmp_path):
    def resolver(host: str, port: int) -> list[str]:
        raise socket.gaierror

    with pytest.raises(Unreachable, match=r"lms\.example could not be found"):
        Client(settings(tmp_path), resolver=resolver).request("GET", "https://lms.example/")


def test_a_port_where_nobody_listens_has_a_sentence(open_client):
    with serving(b"") as server:
        pass
    with pytest.raises(Unreachable, match="could not be reached"):
        open_client.request("GET", f"http://127.0.0.1:{server.port}/")


def _endless(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(2000):
        connection.sendall(b"a" * 65536)


@pytest.mark.parametrize("answer", [reply(b"a" * 262_145), _endless])
def test_a_huge_body_is_not_read_to_its_end(open_client, answer):
    with serving(answer) as server, pytest.raises(Unreadable, match="too much"):
        open_client.request("GET", f"http://127.0.0.1:{server.port}/")


def test_a_body_of_the_largest_size_is_read(open_client):
    with serving(reply(b"a" * 262_144)) as server:
        got = open_client.request("GET", f"http://127.0.0.1:{server.port}/")

    assert len(got.body) == 262_144


def test_a_packed_body_is_never_unpacked(open_client):
    bomb = gzip.compress(b"0" * 10_000_000)
    with (
        serving(reply(bomb, "Content-Encoding: gzip")) as server,
        pytest.raises(Unreadable, match="encoding"),
    ):
        open_client.request("GET", f"http://127.0.0.1:{server.port}/")


def test_chunks_are_put_together(open_client):
    chunks = (
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n4\r\n":1}\r\n0\r\n\r\n'
    )
    with serving(chunks) as server:
        assert open_client.request("GET", f"http://127.0.0.1:{server.port}/").json() == {"a": 1}


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"SSH-2.0-OpenSSH_9\r\n", b"HTTP/1.1 banana\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_http_is_unreachable(open_client, answer):
    with serving(answer) as server, pytest.raises(Unreachable, match="could not be reached"):
        open_client.request("GET", f"http://127.0.0.1:{server.port}/")


@pytest.mark.parametrize("body", [b"<html>Log in</html>", b"", b"{", b"\xff\xfe", b"[" * 100_000])
def test_a_page_in_html_is_no_json(open_client, body):
    with serving(reply(body)) as server:
        got = open_client.request("GET", f"http://127.0.0.1:{server.port}/")
    with pytest.raises(Unreadable, match="not JSON"):
        got.json()


def test_tls_checks_the_name_on_the_checked_address(tmp_path):
    server_side, client_side = make_trust(tmp_path, "lms.example")
    chosen = Client(
        settings(tmp_path, allowed_networks="127.0.0.1/32"),
        resolver=lambda host, port: ["127.0.0.1"],
        trust=client_side,
    )
    with serving(reply(b"[]"), trust=server_side) as server:
        assert chosen.request("GET", f"https://LMS.example:{server.port}/").json() == []
        with pytest.raises(Unreachable, match="certificate"):
            chosen.request("GET", f"https://other.example:{server.port}/")
        strict = Client(
            settings(tmp_path, allowed_networks="127.0.0.1/32"),
            resolver=lambda host, port: ["127.0.0.1"],
        )
        with pytest.raises(Unreachable, match="certificate"):
            strict.request("GET", f"https://lms.example:{server.port}/")


def test_a_slow_handshake_is_left_when_time_is_up(tmp_path, monkeypatch):
    monkeypatch.setattr(client, "TOTAL_SECONDS", 0.4)
    chosen = Client(
        settings(tmp_path, allowed_networks="127.0.0.1/32"),
        resolver=lambda host, port: ["127.0.0.1"],
    )
    with serving(_never) as server, pytest.raises(Unreachable, match="in time"):
        chosen.request("GET", f"https://lms.example:{server.port}/")


def test_a_header_cannot_begin_another(open_client):
    with serving(reply()) as server, pytest.raises(Unreachable):
        open_client.request("GET", f"http://127.0.0.1:{server.port}/", headers={"X": "a\r\nY: b"})
