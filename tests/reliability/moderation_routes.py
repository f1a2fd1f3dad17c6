"""The routes of moderation, for tests/reliability/routes.py."""

from tests.reliability.route import Route, admin_route, form

MODERATING = [
    admin_route("pages.show_suspension", "GET", "member"),
    admin_route("pages.suspend", "POST", "member", 303, send=form(why="It is rude.")),
    Route("pages.show_queue", who=("steward", "admin")),
    Route("pages.show_flag", thing="comment"),
    Route(
        "pages.flag_post",
        "POST",
        "answer",
        303,
        ("asker", "steward", "admin"),
        send=form(reason="rude"),
    ),
    Route("pages.show_moderation", "GET", "answer", 200, ("steward", "admin"), others=404),
    Route(
        "pages.moderate",
        "POST",
        "answer",
        303,
        ("steward", "admin"),
        others=404,
        send=form(act="hidden", why="It is rude."),
    ),
]  # fmt: skip
