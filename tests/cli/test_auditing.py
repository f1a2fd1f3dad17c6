"""`peerqa audit`: the trail is shown, and one that was changed is named and exits 1."""

from sqlalchemy import text

from tests.services.moderating.test_audit import unguarded


def test_commands_are_written_down_and_the_trail_is_well(peerqa, bob):
    token = peerqa("token", "create", "--email", bob.email, "--name", "robot").said.strip()
    peerqa("gate", "target", "90")

    shown = peerqa("audit", "show", "--json").json["entries"]
    verdict = peerqa("audit", "verify", "--json").json

    assert [(entry["act"], entry["source"], entry["details"]) for entry in shown] == [
        ("gate.target", "command", {"before": 0.8, "now": 0.9}),
        ("token.created", "command", {}),
    ]
    assert token not in str(shown)
    assert verdict["ok"]
    assert verdict["organizations"][0]["entries"] == 2
    assert peerqa("audit", "verify", "--expect", shown[1]["hash"]).status == 0
    assert "token.created" in peerqa("audit", "show", "--about", "token").said


def test_a_changed_row_is_named(peerqa, session, bob):
    peerqa("admin", "link", "--email", bob.email)
    unguarded(session, text("UPDATE audit_entry SET act = 'gate.target'"))

    ran = peerqa("audit", "verify", "--json")

    assert ran.status == 1
    assert ran.json["organizations"][0]["broken"]["number"] == 1
    assert "BROKEN at entry 1" in peerqa("audit", "verify").said


def test_a_head_that_was_never_there_is_missed(peerqa, organization):
    assert peerqa("audit", "verify", "--expect", "f" * 64).status == 1
