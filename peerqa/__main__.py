"""The console script. The app is imported only when a command wants one: most of a second.

A command gets it without pages and API; only the web processes of `peerqa serve` have those.
"""

from typing import TYPE_CHECKING

from peerqa.cli import commands

if TYPE_CHECKING:
    from flask import Flask


def main() -> None:
    """Run the command line."""
    commands(_create_app)()


def _create_app() -> "Flask":
    from peerqa.app import create_app

    return create_app(with_doors=False)


if __name__ == "__main__":
    main()
