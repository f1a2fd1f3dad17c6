"""Commands run in this process, on the rolled-back connection of the test."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from click.testing import CliRunner
from flask import Flask

from peerqa.__main__ import MORE
from peerqa.cli import commands


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    said: str  # standard output
    noted: str  # standard error

    @property
    def json(self) -> dict:
        """The object on the last line."""
        return json.loads(self.said.splitlines()[-1])


Peerqa = Callable[..., Ran]


@pytest.fixture
def peerqa(app: Flask, session) -> Peerqa:
    """Return a function that runs `peerqa …`."""

    def run(*arguments: str) -> Ran:
        session.commit()
        result = CliRunner().invoke(
            commands(lambda **_: app, MORE), list(arguments), catch_exceptions=False
        )
        session.expire_all()
        return Ran(result.exit_code, result.stdout, result.stderr)

    return run
