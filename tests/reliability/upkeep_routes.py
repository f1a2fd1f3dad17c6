"""The routes for keeping answers right: a part of the table in routes.py."""

from tests.reliability.route import Route, form, json

UPKEEP = [
    Route("api_upkeep.verify_answer", "PUT", "answer", who=("steward",), send=json()),
    Route("api_upkeep.withdraw_verification", "DELETE", "answer", who=("steward",)),
    Route("api_upkeep.list_keepers", thing="topic_id"),
    Route(
        "api_upkeep.set_keepers", "PUT", "topic_id", who=("steward", "admin"), send=json(members=[])
    ),
    Route("pages.verify_answer", "POST", "answer", 303, ("steward",)),
    Route("pages.doubt_answer", "POST", "answer", 303, send=form(reason="It moved.")),
    Route("pages.settle_doubts", "POST", "answer", 303, ("steward",)),
    Route("pages.show_care", thing="space", who=("steward",)),
    Route("pages.set_keeper", "POST", "topic", 422, ("steward", "admin"), send=form(who="Nobody")),
    Route("pages.show_reviews"),
    Route("pages.hand_review", "POST", "answer", 422, ("steward", "admin")),
    Route("pages.retire_post", "POST", "post", 303, ("steward",)),
    Route("pages.show_hand_over", thing="member", who=("steward", "admin")),
    Route("pages.list_guides"),
    Route("pages.show_guide", thing="guide"),
    Route("pages.new_guide", thing="space", who=("steward",)),
    Route("pages.make_guide", "POST", "space", 422, ("steward",), send=form(title="")),
    Route("pages.edit_guide", thing="guide", who=("steward",)),
    Route("pages.save_guide", "POST", "guide", 422, ("steward",), send=form(version=1)),
]
