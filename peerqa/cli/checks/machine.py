"""Checks that ask no database: Python, the home folder, the disk, the model, the settings."""

import platform
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator

from flask import Flask

from indexer import artefact
from indexer.errors import ModelMissing, ModelUnavailable
from peerqa import mail
from peerqa.cli.checks.finding import Finding, State
from peerqa.settings import Settings
from peerqa.worker import heartbeat_file, seconds_since_beat

SCARCE_BYTES, FULL_BYTES = 2 << 30, 200 << 20
SILENT_SECONDS = 30.0  # a worker shows life every 5 s, between two jobs


def check_python(_app: Flask) -> Iterator[Finding]:
    """Say which Python runs; its version is checked where it is installed."""
    yield Finding("python", State.OK, f"Python {platform.python_version()}")


def check_home(app: Flask) -> Iterator[Finding]:
    """Check that state can be kept, and that the key is its owner's alone."""
    settings = _settings(app)
    try:
        with tempfile.TemporaryFile(dir=settings.home):
            yield Finding("home", State.OK, f"{settings.home} is writable")
    except OSError as error:
        yield Finding(
            "home",
            State.FAIL,
            f"{settings.home} is not writable: {error.strerror}",
            "Give the folder to the account that runs PeerQA, or choose another PEERQA_HOME.",
        )
    key = settings.home / "instance.key"
    if settings.secret_key or not key.exists():
        return
    mode = stat.S_IMODE(key.stat().st_mode)
    if mode & 0o077:
        yield Finding(
            "key", State.FAIL, f"{key} can be read by others ({mode:04o})", f"chmod 600 {key}"
        )
    else:
        yield Finding("key", State.OK, "the instance key is its owner's alone")


def check_disk(app: Flask) -> Iterator[Finding]:
    """Check that the disk does not fill up."""
    free = shutil.disk_usage(_settings(app).home).free
    said = f"{free / 2**30:.1f} GB free"
    if free >= SCARCE_BYTES:
        yield Finding("disk", State.OK, said)
    else:
        state = State.FAIL if free < FULL_BYTES else State.WARN
        yield Finding("disk", state, said, "Make room: a full disk refuses every write.")


def check_model(app: Flask) -> Iterator[Finding]:
    """Check the files of the sentence model against their checksums."""
    settings = _settings(app)
    try:
        provenance = artefact.verify(settings.model_dir)
    except ModelUnavailable as error:
        state = State.WARN if isinstance(error, ModelMissing) else State.FAIL
        yield Finding(
            "model", state, f"search goes by words alone: {error}", "peerqa model prepare"
        )
        return
    said = f"{provenance.model}, {provenance.dimension} dimensions"
    if settings.model.rstrip("/").rpartition("/")[2] == provenance.name:
        yield Finding("model", State.OK, said)
    else:
        yield Finding(
            "model",
            State.WARN,
            f"{said}; PEERQA_MODEL names {settings.model}",
            "peerqa model prepare, or change PEERQA_MODEL back.",
        )


def check_worker(app: Flask) -> Iterator[Finding]:
    """Check that a worker of this machine showed life a moment ago."""
    silent = seconds_since_beat(heartbeat_file(_settings(app)))
    if silent is not None and silent < SILENT_SECONDS:
        yield Finding("worker", State.OK, f"showed life {silent:.0f} s ago")
    else:
        since = "so far" if silent is None else f"for {silent / 60:.0f} minutes"
        yield Finding(
            "worker",
            State.WARN,
            f"none has shown life on this machine {since}",
            "Start peerqa serve here, or peerqa worker on some machine.",
        )


def check_settings(app: Flask) -> Iterator[Finding]:
    """Check what people outside depend on: the address in links, and mail."""
    settings = _settings(app)
    if settings.public_url:
        yield Finding("address", State.OK, settings.address)
    else:
        yield Finding(
            "address",
            State.WARN,
            f"links lead to {settings.address}, which only this machine can open",
            "Set PEERQA_PUBLIC_URL to the address that people use.",
        )
    if mail.is_configured(settings):
        yield Finding("mail", State.OK, f"by {settings.smtp_host}, from {settings.mail_from}")
    else:
        yield Finding(
            "mail",
            State.WARN,
            "no mail is sent",
            "Set PEERQA_SMTP_HOST; until then hand out links of peerqa admin link.",
        )


def _settings(app: Flask) -> Settings:
    settings = app.extensions["peerqa.settings"]
    assert isinstance(settings, Settings)
    return settings


CHECKS: tuple[Callable[[Flask], Iterator[Finding]], ...] = (
    check_python,
    check_home,
    check_disk,
    check_model,
    check_worker,
    check_settings,
)
