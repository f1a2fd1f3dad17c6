"""What `peerqa serve` and `peerqa demo` refuse before anything is started."""

import socket

import pytest

from peerqa.cli.demo import DemoIsPrivate, refuse_visitors
from peerqa.cli.serving import BadAddress, PortTaken, listen


def test_a_port_is_taken_once():
    with listen("127.0.0.1", 0) as first, pytest.raises(PortTaken, match="Choose another one"):
        listen("127.0.0.1", first.getsockname()[1])


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(BadAddress, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)


def test_a_port_can_be_taken_again_at_once():
    with listen("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            first.accept()[0].close()

    listen("127.0.0.1", port).close()


def test_a_reply_in_two_packets_waits_for_no_acknowledgement():
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted = listener.accept()[0]
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_the_demo_listens_on_this_machine(host):
    refuse_visitors(host)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "demo.example.org", ""])
def test_the_demo_does_not_listen_to_others(host):
    with pytest.raises(DemoIsPrivate, match="does not listen on"):
        refuse_visitors(host)
