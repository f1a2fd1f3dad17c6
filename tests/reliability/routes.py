"""Every route of the app: whom it is open to, on what, how it is asked. A new one needs a row."""

from tests.reliability.admin_routes import ADMIN
from tests.reliability.moderation_routes import MODERATING
from tests.reliability.route import NOBODY, Route, admin_route, form, json, place_form, query
from tests.reliability.routing_routes import ROUTING
from tests.reliability.upkeep_routes import UPKEEP
from tests.reliability.world import MISSING

QUESTION_EDITORS = ("asker", "steward")  # Alice asked, Sam keeps the space
ANSWER_EDITORS = ("member", "steward")  # Bob answered
ACCEPTERS = QUESTION_EDITORS
TITLE, TEXT = "What is the right wrench?", "What is right."

API = [
    Route("api_members.me"),
    Route("api_members.list_spaces"),
    Route("api_questions.list_questions"),
    *(
        Route("api_questions.list_questions", "GET", kind, hidden=200, send=query(**{key: "thing"}))
        for key, kind in (("space", "space"), ("topic", "topic"), ("author", "member"))
    ),
    Route(
        "api_questions.post_question", "POST", "space", 201, send=json(title=TITLE, space="thing")
    ),
    Route("api_questions.get_question", thing="question"),
    Route(
        "api_questions.edit_question", "PATCH", "question", who=QUESTION_EDITORS,
        send=json(version=1, title=TITLE),
    ),
    Route("api_questions.delete_question", "DELETE", "question", 204, ("steward",)),
    Route("api_answers.post_answer", "POST", "question", 201, send=json(body=TEXT)),
    Route("api_answers.get_answer", thing="answer"),
    Route(
        "api_answers.edit_answer", "PATCH", "answer", who=ANSWER_EDITORS,
        send=json(version=1, body=TEXT),
    ),
    Route("api_answers.delete_answer", "DELETE", "answer", 204, ANSWER_EDITORS),
    Route("api_answers.accept_answer", "PUT", "answer", who=ACCEPTERS),
    Route("api_answers.withdraw_acceptance", "DELETE", "answer", who=ACCEPTERS),
    Route("api_comments.comment_on_question", "POST", "question", 201, send=json(body=TEXT)),
    Route("api_comments.comment_on_answer", "POST", "answer", 201, send=json(body=TEXT)),
    Route("api_comments.get_comment", thing="comment"),
    Route(
        "api_comments.edit_comment", "PATCH", "comment", who=QUESTION_EDITORS,
        send=json(version=1, body=TEXT),
    ),
    Route("api_comments.delete_comment", "DELETE", "comment", 204, QUESTION_EDITORS),
    Route("api_revisions.list_revisions", thing="post"),
    Route(
        "api_revisions.restore", "POST", "post", who=ANSWER_EDITORS,
        send=json(restore=1, version=1),
    ),
    Route("api_votes.vote_for_question", "PUT", "question", who=("member", "steward", "admin")),
    Route(
        "api_votes.take_back_question_vote", "DELETE", "question",
        who=("member", "steward", "admin"),
    ),
    Route("api_votes.vote_for_answer", "PUT", "answer", who=("asker", "steward", "admin")),
    Route("api_votes.take_back_answer_vote", "DELETE", "answer", who=("asker", "steward", "admin")),
    Route("api_marks.follow_question", "PUT", "question"),
    Route("api_marks.unfollow_question", "DELETE", "question"),
    Route("api_marks.bookmark_post", "PUT", "post"),
    Route("api_marks.take_back_bookmark", "DELETE", "post"),
    Route("api_search.similar", send=query(title="torque wrench")),
    Route("api_search.search", send=query(q="torque wrench")),
    *(
        Route("api_search.search", "GET", kind, hidden=200, send=query(**{key: "thing"}))
        for key, kind in (("space", "space"), ("topic", "topic"), ("author", "member"))
    ),
    *(
        Route(f"api_health.{probe}", signed_out=200)
        for probe in ("healthz", "readyz", "openapi")
    ),
]  # fmt: skip

SIGNING_IN = [
    Route("pages.sign_in", ok=303, signed_out=200),
    Route(
        "pages.ask_for_link", "POST", signed_out=200,
        send=form(email="alice@example.org"),
    ),
    Route("pages.show_link", thing="link", hidden=410, signed_out=410),
    Route("pages.use_link", "POST", thing="link", hidden=410, signed_out=410),
    Route("pages.sign_out", "POST", ok=303, signed_out=303),
    Route("pages.enter_demo", "POST", "member", who=NOBODY, others=404, signed_out=404),
    Route("pages.end_sign_in", "POST", "sign_in", who=NOBODY, others=404),
]  # fmt: skip

PAGES = [
    Route("pages.home"),
    Route("pages.show_space", thing="space"),
    Route("pages.list_topics"),
    Route("pages.show_topic", thing="topic"),
    Route("pages.show_member", thing="member"),
    Route("pages.save_profile", "POST", ok=303, send=form(about=TEXT)),
    Route("pages.list_notifications"),
    Route("pages.help_page", signed_out=200),
    Route("pages.show_preferences"),
    Route("pages.save_preferences", "POST", ok=303),
    Route("pages.mail_settings"),
    Route("pages.mail_settings", "GET", "space", send=query(space="thing")),
    Route("pages.save_mail_settings", "POST", ok=303, send=form(digest_hour="8")),
    Route("pages.save_mail_settings", "POST", "space", 303, send=form(space="thing")),
    Route("pages.show_leave", thing="leave", hidden=410, signed_out=410),
    Route("pages.leave_mail", "POST", thing="leave", hidden=410, signed_out=410),
    Route("pages.mark_read", "POST", ok=303),
    Route(
        "pages.mark_read",
        "POST",
        "question",
        303,
        hidden=303,
        send=form(question="thing", post="1"),
    ),
    Route("pages.search", send=query(q="torque wrench")),
    Route("pages.show_unanswered"),
    Route("pages.show_unanswered", "GET", "space", hidden=200, send=query(space="thing")),
    Route("pages.search_hits", send=query(q="torque wrench")),
    Route("pages.list_searches"),
    Route("pages.save_search", "POST", ok=303, send=form(q="torque wrench", name="Mine")),
    Route("pages.remove_search", "POST", "saved_search", 303, ("asker",), others=404),
    Route("pages.similar", send=query(title="Which torque wrench is it?")),
    Route("pages.preview", "POST", send=form(body=TEXT)),
]

ASKING = [
    Route("pages.ask"),
    Route("pages.ask", thing="space", hidden=200, send=query(space="thing")),
    Route(
        "pages.post_question", "POST", "space", 303, hidden=422,
        send=form(title=TITLE, space="thing"),
    ),
    Route("pages.show_question", thing="question"),
    Route("pages.show_near", thing="question"),
    Route("pages.show_named", thing="question", send=query(q="a")),
    Route("pages.edit_question", thing="question", who=QUESTION_EDITORS),
    Route(
        "pages.save_question", "POST", "question", 303, QUESTION_EDITORS,
        send=form(version=1, title=TITLE),
    ),
    Route("pages.confirm_delete_question", thing="question", who=("steward",)),
    Route("pages.delete_question", "POST", "question", 303, ("steward",)),
    Route("pages.unmark_duplicate", "POST", "question", 303, QUESTION_EDITORS),
    *(
        Route(name, method, "question", who=NOBODY, others=404, send=send)
        for name, method, send in (
            ("pages.preview_merge", "GET", query(of=MISSING)),
            ("pages.merge", "POST", form(of=MISSING)),
        )
    ),
    Route("pages.undo_merge", "POST", "question", 303, ("steward",)),  # nothing was merged
    Route(
        "pages.mark_duplicate", "POST", "question", who=NOBODY, others=422,
        send=form(of="no number"),
    ),
    Route(
        "pages.mark_duplicate", "POST", "question", who=NOBODY, others=404, send=form(of=MISSING)
    ),
]  # fmt: skip

PICTURES = [
    Route("pages.add_picture", "POST", ok=422),
    Route("pages.show_picture", thing="picture"),
]
ANONYMITY = [
    Route("pages.show_reveal", thing="masked", who=("steward",)),
    Route("pages.reveal", "POST", "masked", 303, ("steward",), send=form(reason="It is a threat.")),
    Route("pages.show_space_rules", thing="space", who=("steward",)),
    Route("pages.save_space_rules", "POST", "space", 303, ("steward",)),
    admin_route("pages.show_defaults"),
    admin_route("pages.save_defaults", "POST", ok=303),
    admin_route("pages.show_asking_rules"),
    admin_route("pages.save_asking_rules", "POST", ok=303),
]
DRAFTS = [
    Route("pages.save_draft", "POST", send=form(place="ask", title=TITLE)),
    Route("pages.save_draft", "POST", "question", send=place_form(body=TEXT)),
    Route("pages.discard_draft", "POST", ok=303, send=form(place="ask")),
    Route("pages.discard_draft", "POST", "question", 303, send=place_form()),
]

ANSWERING = [
    Route("pages.post_answer", "POST", "question", 303, send=form(body=TEXT)),
    Route("pages.accept_answer", "POST", "answer", 303, ACCEPTERS, send=form(wanted=1)),
    Route("pages.edit_answer", thing="answer", who=ANSWER_EDITORS),
    Route(
        "pages.save_answer", "POST", "answer", 303, ANSWER_EDITORS, send=form(version=1, body=TEXT)
    ),
    Route("pages.confirm_delete_answer", thing="answer", who=ANSWER_EDITORS),
    Route("pages.delete_answer", "POST", "answer", 303, ANSWER_EDITORS),
    Route("pages.post_comment", "POST", "post", 303, send=form(body=TEXT)),
    Route("pages.edit_comment", thing="comment", who=QUESTION_EDITORS),
    Route(
        "pages.save_comment", "POST", "comment", 303, QUESTION_EDITORS,
        send=form(version=1, body=TEXT),
    ),
    Route("pages.confirm_delete_comment", thing="comment", who=QUESTION_EDITORS),
    Route("pages.delete_comment", "POST", "comment", 303, QUESTION_EDITORS),
    Route("pages.show_answer", "GET", "answer", 302),
    Route("pages.show_comment", "GET", "comment", 302),
    Route("pages.convert_answer", "POST", "answer", 303, ANSWER_EDITORS),
    Route("pages.convert_comment", "POST", "comment", 303, QUESTION_EDITORS),
    Route("pages.restore_post", "POST", "deleted", 303, ("steward",), others=404),
    Route("pages.follow_question", "POST", "question", 303, send=form(wanted=1)),
    Route("pages.follow_topic", "POST", "topic", 303, send=form(wanted=1)),
    Route("pages.follow_space", "POST", "space", 303, send=form(wanted=1)),
    Route("pages.bookmark", "POST", "post", 303, send=form(wanted=1)),
    Route("pages.list_bookmarks"),
    Route("pages.show_ledger"),
    Route("pages.show_history", thing="post"),
    Route(
        "pages.restore_version", "POST", "post", 303, ANSWER_EDITORS,
        send=form(version=1, restore=1),
    ),
    Route(
        "pages.vote", "POST", "post", 303, ("asker", "steward", "admin"), send=form(wanted=1)
    ),
    Route(
        "pages.record_look_up", "POST", "hit", 303, hidden=404,
        send=form(confirmed="thing", look_up="k" * 32, surface="question"),
    ),
]  # fmt: skip

LMS = [
    *(Route(f"lti.{name}", signed_out=200) for name in ("show_keys", "show_icon")),
    Route("lti.show_roster", thing="space", who=("steward", "admin")),
    Route("lti.read_roster", "POST", "space", 303, ("steward",)),
    Route("lti.show_grades", thing="space", who=("steward", "admin")),
    Route("lti.switch_grades", "POST", "space", 409, ("steward",), send=form(wanted="on")),
    Route("lti.deliver_grades", "POST", "space", 303, ("steward",)),
    Route("lti.set_score", "POST", "space", 422, ("steward",)),
    Route("lti.show_copy", thing="copy", who=("steward", "admin"), others=404),
    Route(
        "lti.decide_copy", "POST", "copy", 303, ("steward", "admin"), others=404,
        send=form(board="fresh"),
    ),
    Route("lti.pick", thing="picking", who=("steward",), others=404),
    Route("lti.confirm_pick", thing="picking", who=NOBODY, others=404),
    Route("lti.place", "POST", "picking", 422, ("steward",), others=404),
    Route("lti.cancel_pick", "POST", "picking", 200, ("steward",), others=404),
]  # fmt: skip

REGISTERING_LMS = [  # by invitation, without a sign-in
    Route("lti.show_canvas_configuration", signed_out=200),
    Route(
        "lti.confirm_registration", thing="invitation", hidden=410, signed_out=410,
        send=query(invitation="thing"),
    ),
    Route(
        "lti.register", "POST", "invitation", hidden=422, signed_out=422,
        send=form(invitation="thing"),
    ),
]  # fmt: skip

LAUNCHING = [  # what a launch must hold: tests/lti/test_hostile_launches.py
    Route("lti.begin_login", ok=400, signed_out=400),
    Route("lti.begin_login", "POST", ok=400, signed_out=400),
    Route("lti.launch", "POST", ok=400, signed_out=400),
    Route("lti.arrived", thing="link", hidden=303, signed_out=410),
    Route("lti.settled", ok=303, signed_out=200),
    Route("lti.show_accounts"),
    Route("lti.make_account_code", "POST"),
    *(
        Route(f"lti.{name}", "POST", who=NOBODY, others=422, send=form(code="no code"))
        for name in ("check_account_code", "join_accounts")
    ),
]

ROUTES = [
    *API,
    *SIGNING_IN,
    *PAGES,
    *ASKING,
    *DRAFTS,
    *ANONYMITY,
    *PICTURES,
    *ANSWERING,
    *MODERATING,
    *ROUTING,
    *UPKEEP,
    *LMS,
    *REGISTERING_LMS,
    *LAUNCHING,
    *ADMIN,
]
