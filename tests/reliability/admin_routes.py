"""The routes that are open to admins alone."""

from tests.reliability.route import Route, admin_route, form, query

PEOPLE = [
    admin_route("pages.list_people"),
    admin_route("pages.show_invite"),
    admin_route("pages.invite", "POST", ok=303, send=form(email="new@example.org")),
    admin_route("pages.show_departments"),
    admin_route("pages.save_departments", "POST", send=form(table="email,department\na@b,IT")),
    admin_route("pages.show_person", "GET", "member"),
    admin_route("pages.set_admin", "POST", "member", 303, send=form(wanted="1")),
    admin_route("pages.set_active", "POST", "member", 303, send=form(wanted="0")),
    admin_route("pages.invite_again", "POST", "member", 303),
    admin_route("pages.set_person_department", "POST", "member", 303, send=form(department="IT")),
    admin_route("pages.set_space_role", "POST", "member", 404, send=form(role="learner")),
]
SPACES = [  # of their stewards, too
    Route("pages.show_space_settings", thing="space", who=("steward", "admin")),
    Route(
        "pages.save_space_settings", "POST", "space", 303, ("steward", "admin"),
        send=form(name="Elsewhere"),
    ),
    Route("pages.archive_space", "POST", "space", 303, ("steward", "admin"), send=form(wanted=1)),
    Route("pages.list_space_people", thing="space", who=("steward", "admin")),
    Route(
        "pages.save_space_person", "POST", "space", 303, ("steward", "admin"),
        send=form(who="bob@example.org", role="learner"),
    ),
]  # fmt: skip
TOPICS = [
    admin_route("pages.keep_topics"),
    admin_route("pages.keep_topic", "GET", "kept_topic"),
    admin_route("pages.rename_topic", "POST", "kept_topic", 303, send=form(name="Wrenches")),
    admin_route("pages.save_synonym", "POST", "kept_topic", 303, send=form(synonym="spanner")),
    admin_route("pages.preview_join", "GET", "kept_topic", 422, send=query(into="nothing")),
    admin_route("pages.join_topics", "POST", "kept_topic", 422, send=form(into="nothing")),
    admin_route("pages.delete_topic", "POST", "kept_topic", 409),
]
ADMIN = [
    *SPACES,
    *TOPICS,
    admin_route("pages.show_settings"),
    admin_route("pages.save_settings", "POST", ok=303, send=form(language="de")),
    Route("pages.show_style"),
    Route("pages.show_logo", ok=404),
    Route("pages.show_legal", thing="legal"),
    Route("pages.show_public_legal", thing="legal", ok=404, signed_out=404),
    admin_route("pages.show_mail_test"),
    admin_route("pages.test_mail", "POST", ok=409),
    admin_route("pages.list_legal"),
    admin_route("pages.save_legal", "POST", ok=303, send=form(imprint="is right", is_public=1)),
    admin_route("pages.show_appearance"),
    admin_route("pages.save_appearance", "POST", ok=303, send=form(accent="#123")),
    admin_route("pages.save_logo", "POST", ok=303, send=form(remove="1")),
    admin_route("pages.show_retention"),
    admin_route("pages.save_retention", "POST", ok=303, send=form(evidence="30")),
    admin_route("pages.list_spaces"),
    admin_route("pages.show_new_space"),
    admin_route("pages.make_space", "POST", ok=303, send=form(name="Canteen")),
    admin_route("pages.admin"),
    *PEOPLE,
    admin_route("pages.show_audit"),
    admin_route("pages.show_answers_found"),
    admin_route("api_insight.solved"),
    admin_route("pages.save_target", "POST", ok=303, send=form(target="85")),
    admin_route("pages.recalibrate", "POST", ok=303),
    admin_route("lti.list_lms"),
    admin_route("lti.choose_lms"),
    admin_route("lti.invite_lms", "POST"),
    admin_route("lti.withdraw_invitation", "POST", "open_invitation", 303),
    admin_route("lti.add_lms", "POST", ok=422),
    admin_route("lti.list_launches"),
    admin_route("lti.show_roles"),
    admin_route("lti.save_roles", "POST", ok=303),
    admin_route(
        "lti.decide_deployment", "POST", "deployment", 303, send=form(decision="approve")
    ),
    admin_route("lti.show_platform", "GET", "platform"),
    admin_route("lti.save_platform", "POST", "platform", 303, send=form(name="Moodle")),
    admin_route("lti.switch_platform", "POST", "platform", 303),
    admin_route("lti.name_deployment", "POST", "platform", 303, send=form(deployment_id="9")),
    admin_route("lti.test_platform", "POST", "platform"),
]  # fmt: skip
