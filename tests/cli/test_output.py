import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from indexer.errors import ModelDamaged
from peerqa.cli import Commands, commands, output
from peerqa.errors import NotFound


def answering(act):
    """Return a command line with the one command `act`."""

    class One(Commands):
        def get_command(self, ctx, cmd_name):
            return act

    return One(name="peerqa")


@click.command()
@output.json_option
def fine():
    output.say("Working ...")
    output.show({"count": 3, "name": "Aydın"}, lines=["3 of them"])


@click.command()
@output.json_option
def refused():
    raise NotFound("There is no %(name)s.", name="Bob")


@click.command()
@output.json_option
def damaged():
    raise ModelDamaged("The model is damaged.")


@click.command()
def broken():
    raise ZeroDivisionError


def test_a_person_reads_lines_and_notes_go_to_the_side():
    result = CliRunner().invoke(answering(fine), ["fine"])

    assert (result.exit_code, result.stdout, result.stderr) == (0, "3 of them\n", "Working ...\n")


def test_a_program_reads_one_object_on_the_last_line():
    result = CliRunner().invoke(answering(fine), ["fine", "--json"])

    assert result.stdout == '{"count": 3, "name": "Ayd\\u0131n"}\n'


def test_a_refusal_is_a_sentence_and_exit_1():
    result = CliRunner().invoke(answering(refused), ["refused"])

    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "There is no Bob.\n"


@pytest.mark.parametrize(
    ("command", "error"),
    [
        (refused, '{"error": {"code": "not-found", "message": "There is no Bob."}}'),
        (damaged, '{"error": {"code": "model-damaged", "message": "The model is damaged."}}'),
    ],
)
def test_a_program_reads_the_refusal_too(command, error):
    result = CliRunner().invoke(answering(command), [command.name, "--json"])

    assert (result.exit_code, result.stdout) == (1, error + "\n")


def test_what_nobody_foresaw_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(answering(broken), ["broken"], catch_exceptions=False)


@pytest.mark.parametrize("arguments", [["nothing"], ["search"], ["search", "a", "--what"]])
def test_a_wrong_call_exits_2(arguments):
    result = CliRunner().invoke(commands(lambda: None), arguments)

    assert result.exit_code == 2
    assert "Usage:" in result.stderr


def test_a_database_that_is_away_is_a_sentence(monkeypatch, tmp_path):
    result = subprocess.run(
        [sys.executable, "-m", "peerqa", "outbox", "list"],
        env={
            "PEERQA_HOME": str(tmp_path),
            "PEERQA_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        },
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip

    assert result.returncode == 1
    assert result.stderr.startswith("The database cannot be used: ")
    assert len(result.stderr.splitlines()) == 1


def test_help_is_there_before_anything_heavy_is_loaded():
    heavy = ("sqlalchemy", "flask", "numpy", "torch", "pydantic", "faiss")
    program = (
        "import sys, peerqa.__main__ as program\n"
        "sys.argv = ['peerqa', '--help']\n"
        "try:\n    program.main()\n"
        f"finally:\n    print([name for name in {heavy} if name in sys.modules])"
    )

    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout.splitlines()[-1] == "[]"
    assert "doctor" in result.stdout
