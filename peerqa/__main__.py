"""The console script. The app is imported only when a command wants one: most of a second.

A command gets it without pages and API; only the web processes of `peerqa serve` have those.
"""

from typing import TYPE_CHECKING

from peerqa.cli import commands

if TYPE_CHECKING:
    from flask import Flask

# The front door of LMSs has commands too; peerqa itself does not know that package.
MORE = {"platform": ("lti.admin.commands", "platform", "Connect learning management systems.")}


def main() -> None:
    """Run the command line."""
    commands(_create_app, MORE)()


def _create_app(*, with_doors: bool = False) -> "Flask":
    from peerqa import logs
    from peerqa.app import create_app
    from peerqa.settings import read_settings

    settings = read_settings()
    logs.set_up(settings.log_level)
    return create_app(settings, with_doors=with_doors)


if __name__ == "__main__":
    main()
