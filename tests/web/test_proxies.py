"""Who asks, and by https or not: believed from the web servers in front, and from nobody else."""

import pytest
from flask import request

from peerqa.app import create_app
from peerqa.gate import Audience, open_to
from peerqa.settings import Settings

SPOOFED = {
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Port": "4443",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=203.0.113.7;proto=https;host=evil.example",
    "X-Real-IP": "203.0.113.7",
}


@pytest.fixture
def seen(tmp_path):
    """Return a function: number of proxies, headers → who asks, as the app sees it."""

    def seen(proxies: int | None, headers: dict[str, str]) -> tuple[str | None, str]:
        chosen = {} if proxies is None else {"trusted_proxies": proxies}
        app = create_app(Settings(home=tmp_path, model_dir=tmp_path / "no-model", **chosen))

        @app.get("/who")
        @open_to(Audience.MACHINES)
        def who():
            return [request.remote_addr, request.url]

        return tuple(app.test_client().get("/who", headers=headers).json)

    return seen


@pytest.mark.parametrize("proxies", [None, 0])
def test_nobody_is_believed_by_default(seen, proxies):
    assert seen(proxies, SPOOFED) == ("127.0.0.1", "http://localhost/who")


def test_the_web_server_in_front_is_believed(seen):
    headers = {"X-Forwarded-For": "198.51.100.4", "X-Forwarded-Proto": "https"}

    assert seen(1, headers) == ("198.51.100.4", "https://localhost/who")


def test_what_a_client_wrote_before_the_web_servers_is_not_read(seen):
    headers = {
        "X-Forwarded-For": "203.0.113.7, 198.51.100.4, 192.0.2.1",
        "X-Forwarded-Proto": "gopher, https, http",
    }

    assert seen(1, headers) == ("192.0.2.1", "http://localhost/who")
    assert seen(2, headers) == ("198.51.100.4", "https://localhost/who")


def test_nobody_says_another_host_or_path(seen):
    assert seen(1, SPOOFED) == ("203.0.113.7", "https://localhost/who")


def test_fewer_proxies_than_promised_say_nothing(seen):
    headers = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}

    assert seen(2, headers) == ("127.0.0.1", "http://localhost/who")
