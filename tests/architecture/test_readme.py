"""What the README says of settings and commands is what there is. Write it anew with:

python -m tests.architecture.test_readme
"""

import re
from pathlib import Path

import click

from peerqa.__main__ import MORE
from peerqa.app import create_app
from peerqa.cli import commands
from peerqa.settings import CHECKOUT, Settings

README = CHECKOUT / "README.md"


def test_the_readme_names_every_setting_with_its_default():
    assert part_of(README.read_text(), "settings") == settings_table()


def test_the_readme_names_every_command():
    assert part_of(README.read_text(), "commands") == commands_table()


def settings_table() -> str:
    lines = ["| Setting | Default | What it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = shown(field.default)
        lines.append(f"| `PEERQA_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(lines)


def shown(default: object) -> str:
    if default is None or default == "":
        return ""
    if isinstance(default, Path):
        return "`var`" if default.name == "var" else "inside `.venv`"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def commands_table() -> str:
    lines = ["| Command | What it does |", "|---|---|"]
    for path, command in sorted(walk(commands(create_app, MORE))):
        lines.append(f"| `peerqa {path}` | {command.get_short_help_str(limit=200)} |")
    return "\n".join(lines)


def walk(command: click.Command, path: str = ""):
    if not isinstance(command, click.Group):
        yield path.strip(), command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from walk(found, f"{path} {name}")


def part_of(text: str, name: str) -> str:
    match = re.search(rf"<!-- {name}:[^\n]*-->\n(.*?)<!-- /{name} -->", text, re.DOTALL)
    assert match, name
    return match.group(1).strip()


def write() -> None:
    text = README.read_text()
    for name, table in (("settings", settings_table()), ("commands", commands_table())):
        opening = re.search(rf"<!-- {name}:[^\n]*-->\n", text)
        assert opening, name
        end = text.index(f"<!-- /{name} -->")
        text = text[: opening.end()] + table + "\n" + text[end:]
    README.write_text(text)


if __name__ == "__main__":
    write()
