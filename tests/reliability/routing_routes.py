"""The routes for who is asked: a part of the table in routes.py."""

from tests.reliability.route import NOBODY, Route, admin_route, form

ROUTING = [
    Route("pages.show_for_me"),
    Route("pages.show_asking_choices"),
    Route("pages.save_asking_choices", "POST", ok=303, send=form(is_asked="1")),
    Route("pages.show_waiting", thing="space", who=("steward",)),
    # nobody was asked about it, and it is answered
    *(
        Route(f"pages.{name}", "POST", "question", 303, who=NOBODY, others=404, send=send)
        for name, send in (("pass_on", form(reason="no-time")), ("take", form()))
    ),
    Route("pages.show_fairness", thing="case", who=("member", "admin"), others=404),
    Route(
        "pages.appeal_fairness",
        "POST",
        "case",
        422,
        who=("member", "admin"),
        others=404,
        send=form(text="No."),
    ),
    admin_route("pages.decide_fairness", "POST", "case", 422, send=form(text="No.")),
    admin_route("pages.list_fairness"),
    Route("pages.ask_by_hand", "POST", "question", 422, send=form(who="Nobody")),
]
