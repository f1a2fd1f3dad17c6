from pathlib import Path

import pytest
from pydantic import ValidationError

from peerqa.settings import CHECKOUT, BadSetting, read_settings


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch):
    import os

    for name in os.environ:
        if name.startswith("PEERQA_"):
            monkeypatch.delenv(name)


def test_everything_has_a_default():
    settings = read_settings()

    assert settings.home == CHECKOUT / "var"
    assert settings.database_address == f"sqlite:///{CHECKOUT}/var/peerqa.db"
    assert settings.address == "http://localhost:8000"
    assert settings.index_dir == CHECKOUT / "var" / "index"
    assert (settings.host, settings.demo) == ("127.0.0.1", False)


def test_every_setting_says_what_it_is_for():
    silent = [
        name for name, field in type(read_settings()).model_fields.items() if not field.description
    ]

    assert silent == []


def test_settings_come_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("PEERQA_HOME", str(tmp_path))
    monkeypatch.setenv("PEERQA_PORT", "8100")
    monkeypatch.setenv("PEERQA_PUBLIC_URL", "https://ask.example.org/")

    settings = read_settings()

    assert settings.database_address == f"sqlite:///{tmp_path}/peerqa.db"
    assert settings.port == 8100
    assert settings.address == "https://ask.example.org"


def test_a_command_may_override_the_environment(monkeypatch):
    monkeypatch.setenv("PEERQA_PORT", "8100")

    assert read_settings(port=9100).port == 9100


def test_a_variable_that_is_set_to_nothing_is_as_if_it_were_not_set(monkeypatch):
    for name in ("HOME", "PORT", "DATABASE_URL", "SECRET_KEY", "PUBLIC_URL", "SMTP_HOST", "DEMO"):
        monkeypatch.setenv(f"PEERQA_{name}", "")

    assert read_settings() == read_settings(home=CHECKOUT / "var", port=8000)
    assert read_settings().secret_key is None


def test_a_home_that_is_named_from_the_working_folder_holds_everything(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PEERQA_HOME", "state")

    settings = read_settings()

    assert settings.home == tmp_path / "state"
    assert settings.database_address == f"sqlite:///{tmp_path}/state/peerqa.db"


def test_settings_are_frozen():
    with pytest.raises(ValidationError):
        read_settings().port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eight"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("WEB_PROCESSES", "0"),
        ("WEB_THREADS", "-1"),
        ("WEB_THREADS", "1000"),
        ("DEMO", "perhaps"),
        ("ENCODE_TIMEOUT_SECONDS", "0"),
        ("WRITE_WAIT_SECONDS", "soon"),
        ("SIGN_IN_DAYS", "0"),
        ("LINK_MINUTES", "0"),
        ("EVIDENCE_DAYS", "366"),
        ("SMTP_PORT", "x"),
        ("SMTP_TLS", "2"),
        ("SECRET_KEY", "canary-too-short"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(monkeypatch, name, value):
    monkeypatch.setenv(f"PEERQA_{name}", value)

    with pytest.raises(BadSetting) as refused:
        read_settings()

    assert f"PEERQA_{name}" in str(refused.value)
    assert str(refused.value).endswith(".")
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("name", ["SECRET_KEY", "SMTP_PASSWORD", "DATABASE_URL"])
def test_a_secret_may_come_from_a_file(monkeypatch, tmp_path, name):
    file = tmp_path / "secret"
    file.write_text("postgresql://a-secret-of-many-characters/\n")
    monkeypatch.setenv(f"PEERQA_{name}_FILE", str(file))

    secret = getattr(read_settings(), name.lower())

    assert secret.get_secret_value() == "postgresql://a-secret-of-many-characters/"


def test_secrets_are_not_shown(monkeypatch):
    for name in ("SECRET_KEY", "SMTP_PASSWORD", "DATABASE_URL"):
        monkeypatch.setenv(f"PEERQA_{name}", "postgresql://canary-canary-canary-canary/")

    assert "canary" not in repr(read_settings())
    assert "canary" not in str(read_settings())


@pytest.mark.parametrize("kind", ["missing", "a folder", "no text"])
def test_a_secret_file_that_cannot_be_read_is_refused_by_its_variable(monkeypatch, tmp_path, kind):
    path = tmp_path / "secret"
    if kind == "no text":
        path.write_bytes(b"\xff\xfecanary" + bytes(range(128, 160)))
    monkeypatch.setenv("PEERQA_SECRET_KEY_FILE", str(tmp_path if kind == "a folder" else path))

    with pytest.raises(BadSetting, match=r"PEERQA_SECRET_KEY_FILE: .*\.$") as refused:
        read_settings()

    assert "canary" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql://", "postgresql+psycopg://"])
def test_postgresql_is_reached_by_the_driver_that_is_installed(scheme):
    settings = read_settings(database_url=f"{scheme}u@h/postgresql://d")

    assert settings.database_address == "postgresql+psycopg://u@h/postgresql://d"


def test_the_model_is_where_it_was_said_to_be(tmp_path):
    assert read_settings(model_dir=tmp_path).model_dir == Path(tmp_path)
