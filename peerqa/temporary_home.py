"""An installation of its own in an empty home, for what measures; the real one is not touched.

The settings of the real installation are left behind, all but its model. They are changed in the
environment, so that processes that are started meanwhile have them too, and come back at the end.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from peerqa import schema
from peerqa.database import db
from peerqa.settings import read_settings

MakeApp = Callable[[], Flask]  # from the settings in the environment
Tell = Callable[[str], None]  # says to whoever waits how far it is

_PREFIX = "PEERQA_"
# Few people write a lot here.
NO_LIMITS = {
    f"PEERQA_{act}_PER_HOUR": "0" for act in ("QUESTIONS", "ANSWERS", "COMMENTS", "FLAGS", "LINKS")
}


@contextmanager
def temporary_home(make_app: MakeApp, *, prefix: str) -> Iterator[Flask]:
    """Give the app of an empty installation, in its context; its home is removed at the end."""
    with (
        tempfile.TemporaryDirectory(prefix=prefix) as folder,
        installation_in(Path(folder), make_app) as app,
    ):
        yield app


@contextmanager
def installation_in(home: Path, make_app: MakeApp) -> Iterator[Flask]:
    """Give the app of the installation in this home, in its context; made where there is none."""
    before = chosen_settings()
    try:
        model = str(read_settings().model_dir)
        _choose({"PEERQA_HOME": str(home), "PEERQA_MODEL_DIR": model, **NO_LIMITS})
        app = make_app()
        with app.app_context():
            try:
                schema.migrate_empty(db.engine)
                yield app
            finally:
                db.session.remove()
                db.engine.dispose()
    finally:
        _choose(before)


def chosen_settings() -> dict[str, str]:
    """Return the settings in the environment."""
    return {name: value for name, value in os.environ.items() if name.startswith(_PREFIX)}


def _choose(settings: dict[str, str]) -> None:
    for name in chosen_settings():
        del os.environ[name]
    os.environ |= settings
