import os
from datetime import timedelta

import pytest

from peerqa import outbox
from peerqa.cli.checks import data, machine
from peerqa.cli.checks.finding import State
from peerqa.clock import utc_now
from peerqa.search.languages import FEWEST_JUDGED
from peerqa.services import questions
from peerqa.settings import Settings
from peerqa.worker import heartbeat_file
from tests.conftest import NOON
from tests.indexer.test_artefact import make_artefact


@pytest.fixture
def examine(app, tmp_path, monkeypatch):
    """Return a function: check, settings → its findings, in a home of the test's own."""

    def examine(check, **chosen):
        settings = Settings(**({"home": tmp_path, "model_dir": tmp_path / "model"} | chosen))
        monkeypatch.setitem(app.extensions, "peerqa.settings", settings)
        return list(check(app))

    return examine


def states(findings) -> list[State]:
    return [finding.state for finding in findings]


def test_it_goes_through_everything_and_names_a_remedy_for_what_is_amiss(peerqa, organization):
    report = peerqa("doctor", "--json").json

    checks = [finding["check"] for finding in report["findings"]]
    assert set(checks) >= {
        "python", "home", "disk", "model", "worker", "address", "mail", "database",
        "organization", "index", "outbox",
    }  # fmt: skip
    assert all(each["remedy"] for each in report["findings"] if each["state"] != "ok")
    assert report["ok"] is True


def test_a_person_reads_a_line_each(peerqa, organization):
    said = peerqa("doctor").said

    assert "ok    organization   Northwind" in said
    assert "→ Set PEERQA_PUBLIC_URL to the address that people use." in said


def test_what_fails_is_an_exit_status_too(peerqa, monkeypatch):
    monkeypatch.setattr(data.schema, "head_revision", lambda: "9999")

    ran = peerqa("doctor", "--json")

    assert (ran.status, ran.json["ok"]) == (1, False)
    assert "peerqa migrate" in ran.said


def test_a_key_that_others_can_read_fails(examine, tmp_path):
    key = tmp_path / "instance.key"
    key.write_text("0" * 64)
    key.chmod(0o600)
    assert states(examine(machine.check_home)) == [State.OK, State.OK]

    key.chmod(0o644)

    finding = examine(machine.check_home)[1]
    assert (finding.state, finding.remedy) == (State.FAIL, f"chmod 600 {key}")


def test_a_home_that_is_gone_fails(examine, tmp_path):
    assert states(examine(machine.check_home, home=tmp_path / "gone")) == [State.FAIL]


def test_a_full_disk_is_told_from_a_scarce_one(examine, monkeypatch):
    usage = type("Usage", (), {})()
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: usage)

    found = []
    for free in (50 << 30, 1 << 30, 1 << 20):
        usage.free = free
        found += states(examine(machine.check_disk))

    assert found == [State.OK, State.WARN, State.FAIL]


def test_a_model_is_missing_present_or_damaged(examine, tmp_path):
    folder = tmp_path / "model"
    assert states(examine(machine.check_model)) == [State.WARN]

    name = make_artefact(folder).name
    assert states(examine(machine.check_model, model=name)) == [State.OK]
    assert states(examine(machine.check_model, model="another")) == [State.WARN]

    (folder / "model.onnx").write_bytes(b"damaged")
    assert states(examine(machine.check_model, model=name)) == [State.FAIL]


def test_a_worker_shows_life_or_not(examine, tmp_path):
    assert states(examine(machine.check_worker)) == [State.WARN]

    beat = heartbeat_file(Settings(home=tmp_path))
    beat.touch()
    assert states(examine(machine.check_worker)) == [State.OK]

    os.utime(beat, (0, 0))
    assert states(examine(machine.check_worker)) == [State.WARN]


def test_mail_and_address_are_named_when_set(examine):
    chosen = {"public_url": "https://ask.example.org", "smtp_host": "mail.example.org"}

    assert states(examine(machine.check_settings)) == [State.WARN, State.WARN]
    assert states(examine(machine.check_settings, **chosen)) == [State.OK, State.OK]


def test_work_that_waits_too_long_is_said(examine, session):
    outbox.ask(session, "index", "1", at=utc_now())
    assert states(examine(data.check_outbox)) == [State.OK]

    outbox.ask(session, "index", "2", at=utc_now() - timedelta(hours=1))

    assert states(examine(data.check_outbox)) == [State.WARN]


def test_without_an_organization_the_command_for_it_is_named(examine):
    (finding,) = examine(data.check_organizations)

    assert finding.state is State.WARN
    assert finding.remedy.startswith("peerqa admin create")


@pytest.mark.parametrize(
    ("body", "model", "said"),
    [
        ("Der Drucker ist aus und ich weiß nicht, wie man ihn wieder anschaltet.", "mini", 1),
        ("L'imprimante est éteinte et je ne sais pas comment la rallumer demain.", "mini", 1),
        ("Der Drucker ist aus und ich weiß nicht, wie man ihn anschaltet.", "multilingual-e5", 0),
        ("The printer is off and I do not know how to switch it on again.", "mini", 0),
    ],
)
def test_posts_in_a_language_that_the_model_is_not_made_for_are_told(
    examine, session, space, alice, body, model, said
):
    for number in range(FEWEST_JUDGED):
        questions.post_question(
            session, space=space, author=alice, title=f"Drucker {number}", body=body, at=NOON
        )

    findings = examine(data.check_languages, model=model)

    assert states(findings) == [State.WARN] * said
    assert all("PEERQA_MODEL" in finding.remedy for finding in findings)
