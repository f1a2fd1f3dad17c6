"""Requests to the outside go where they may, and nowhere else."""

import socket

import pytest

from peerqa.outgoing import Client, Refused, Unreachable
from peerqa.settings import BadSetting, read_settings
from tests.outgoing.clients import client_to, settings
from tests.outgoing.raw_server import reply, serving

FORBIDDEN = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.8.8.8",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
    "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::10.0.0.1", "::8.8.8.8", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:0:10.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:db8::1",
    "2002:a00:1::1", "2002:808:808::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%1",
    "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip


@pytest.mark.parametrize("address", FORBIDDEN)
def test_nothing_is_sent_to_an_address_that_is_not_public(tmp_path, address):
    with pytest.raises(Refused, match=r"lms\.example is on a private network"):
        client_to(tmp_path, address).request("GET", "https://lms.example/keys")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "[::1]", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "localhost"]
)
def test_loopback_is_refused_in_every_spelling(tmp_path, host):
    with pytest.raises(Refused):
        Client(settings(tmp_path)).request("GET", f"https://{host}/")


def test_one_private_answer_among_public_ones_refuses_them_all(tmp_path):
    with pytest.raises(Refused):
        client_to(tmp_path, "8.8.8.8", "10.0.0.1").request("GET", "https://lms.example/")


@pytest.mark.parametrize("public", ["8.8.8.8", "2606:4700::1111"])
def test_a_public_address_is_tried(tmp_path, public, monkeypatch):
    tried = []

    def connect(address, timeout):
        tried.append((address, timeout))
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    with pytest.raises(Unreachable):
        client_to(tmp_path, public).request("GET", "https://lms.example:8443/")

    assert tried == [((public, 8443), 3.0)]


def test_an_admin_can_allow_a_network_of_the_premises(tmp_path, monkeypatch):
    monkeypatch.setattr(socket, "create_connection", _refuse)
    allowed = client_to(tmp_path, "10.20.3.4", allowed_networks="10.20.0.0/16, fd00::/8")
    with pytest.raises(Unreachable):
        allowed.request("GET", "https://lms.example/")
    with pytest.raises(Refused):
        client_to(tmp_path, "10.21.0.1", allowed_networks="10.20.0.0/16").request(
            "GET", "https://lms.example/"
        )


def _refuse(*_args, **_more):
    raise ConnectionRefusedError


def test_a_network_that_is_none_is_a_bad_setting(monkeypatch):
    monkeypatch.setenv("PEERQA_ALLOWED_NETWORKS", "10.0.0.0/8,somewhere")
    with pytest.raises(BadSetting, match="PEERQA_ALLOWED_NETWORKS"):
        read_settings()


@pytest.mark.parametrize(
    "url",
    [
        "", "lms.example/keys", "//lms.example/", "ftp://lms.example/", "file:///etc/passwd",
        "gopher://lms.example/", "javascript:alert(1)", "https://", "https:///keys",
        "https://user@lms.example/", "https://user:word@lms.example/", "https://@lms.example/",
        "https://lms.example:0/", "https://lms.example:99999/", "https://lms.example:port/",
        "https://lms.example/a b", "https://lms.example/\r\nX: y", "https://lms.example\\@evil/",
        "https://lms..example/", "https://[::1/", "https://[lms]/", "https://" + "a" * 5000,
        "https://lms.example\x00.evil/",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(tmp_path, url):
    with pytest.raises(Refused, match="no address"):
        client_to(tmp_path, "8.8.8.8").request("GET", url)


def test_plain_http_is_for_development(tmp_path):
    with pytest.raises(Refused, match="without https"):
        client_to(tmp_path, "8.8.8.8").request("GET", "http://lms.example/")


def test_an_allowed_network_does_not_allow_plain_http(tmp_path):
    allowed = client_to(tmp_path, "127.0.0.1", allowed_networks="127.0.0.0/8")
    with pytest.raises(Refused, match="without https"):
        allowed.request("GET", "http://lms.example/")


def test_development_opens_the_own_machine_and_nothing_else(tmp_path):
    with pytest.raises(Refused):
        client_to(tmp_path, "10.0.0.1", demo=True).request("GET", "http://lms.example/")


def test_a_name_is_resolved_once_so_that_rebinding_leads_nowhere(tmp_path):
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    rebound = Client(settings(tmp_path, demo=True), resolver=resolver)
    with serving(reply()) as server:
        rebound.request("GET", f"http://lms.example:{server.port}/")
        assert b"Host: lms.example" in server.heads[0]
        with pytest.raises(Refused):
            rebound.request("GET", f"http://lms.example:{server.port}/")

    assert asked == ["lms.example", "lms.example"]
    assert server.connections == 1
