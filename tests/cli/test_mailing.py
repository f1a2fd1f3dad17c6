import pytest


@pytest.fixture
def chosen(monkeypatch, mail_server):
    """Return a function that sets PEERQA_SMTP_* for the mail_server."""

    def choose(**more: object) -> None:
        found = {"host": "127.0.0.1", "port": mail_server.server_address[1], "tls": "false"} | more
        for name, value in found.items():
            monkeypatch.setenv(f"PEERQA_SMTP_{name.upper()}", str(value))

    return choose


def test_a_message_goes_out_and_doubts_are_said(peerqa, chosen, mail_server):
    chosen()

    ran = peerqa("mail", "test", "--to", "You@Example.org")

    assert ran.status == 0
    assert "took a message from peerqa@localhost to you@example.org" in ran.said
    assert "PEERQA_PUBLIC_URL is not set" in ran.said
    assert "rcpt TO:<you@example.org>" in mail_server.lines


def test_programs_hear_the_same(peerqa, chosen, monkeypatch):
    chosen()
    monkeypatch.setenv("PEERQA_PUBLIC_URL", "https://ask.example.org")

    ran = peerqa("mail", "test", "--to", "you@example.org", "--json")

    assert ran.json["sent"] is True
    assert ran.json["to"] == "you@example.org"


def test_without_a_server_it_says_what_to_set(peerqa):
    ran = peerqa("mail", "test", "--to", "you@example.org")

    assert (ran.status, "PEERQA_SMTP_HOST" in ran.noted) == (1, True)


@pytest.mark.parametrize(
    ("more", "to", "said"),
    [
        ({"port": 1}, "you@example.org", "cannot be reached"),
        ({"host": "no-such-host.invalid"}, "you@example.org", "cannot be reached"),
        ({"tls": "true"}, "you@example.org", "STARTTLS"),
        ({}, "nobody@example.org", "does not take mail for that address"),
        ({}, "no address", "does not look like an e-mail address"),
    ],
    ids=["port", "host", "tls", "recipient", "address"],
)
def test_what_goes_wrong_is_one_sentence(peerqa, chosen, more, to, said):
    chosen(user="peerqa", password="canary-password", **more)

    ran = peerqa("mail", "test", "--to", to)

    assert ran.status == 1
    assert said in ran.noted
    assert "canary" not in ran.noted + ran.said
