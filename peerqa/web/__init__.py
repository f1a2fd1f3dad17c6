"""Pages and HTMX fragments."""

from flask import Flask

from peerqa.errors import N_
from peerqa.web import (
    answers,
    answers_found,
    ask,
    chrome,
    comments,
    compression,
    errors,
    help,
    lists,
    look_ups,
    members,
    notifications,
    preferences,
    preview,
    questions,
    search,
    sign_in,
    similar,
    speech,
    votes,
)
from peerqa.web.admin import (
    appearance_pages,
    departments,
    legal_pages,
    mail_page,
    menu,
    people,
    settings_pages,
    space_pages,
    topic_pages,
)
from peerqa.web.answering import history, marking, merging, places
from peerqa.web.asking import drafts, pictures, reveals, rules
from peerqa.web.finding import saved_searches, unanswered
from peerqa.web.moderating import audit_page, decisions, flagging, suspending
from peerqa.web.notifying import leaving, mail_settings
from peerqa.web.pages import pages
from peerqa.web.recognition import fairness_pages, ledger_page
from peerqa.web.routing import choices_page, for_me, waiting
from peerqa.web.upkeep import guides, retiring, reviews, verifying
from peerqa.web.upkeep import keepers as topic_keepers

ADMIN_PAGES = (
    (
        "pages.list_people",
        N_("Members"),
        N_("Who is here, who is an admin or a steward, and who is invited."),
    ),
    (
        "pages.list_spaces",
        N_("Spaces"),
        N_("Where people ask: courses of the LMS, and team spaces that you make."),
    ),
    (
        "pages.keep_topics",
        N_("Topics"),
        N_("What questions are about: rename, join, and the other names that people use."),
    ),
    (
        "pages.show_settings",
        N_("Defaults"),
        N_("The language that colleagues write in, and who sees a new question."),
    ),
    (
        "pages.show_appearance",
        N_("Appearance"),
        N_("What the organization is called, its accent colour and its logo."),
    ),
    (
        "pages.list_legal",
        N_("Legal pages"),
        N_("Imprint, privacy and terms: what is linked at the foot of every page."),
    ),
    (
        "pages.show_mail_test",
        N_("E-mail"),
        N_("Whether it arrives, and what the mail server says if not."),
    ),
    (
        "pages.show_retention",
        N_("Retention"),
        N_("How long look-ups, drafts and news are kept, each with its reason."),
    ),
    (
        "pages.show_asking_rules",
        N_("Asking"),
        N_("Whether colleagues may ask without their name."),
    ),
    (
        "pages.show_defaults",
        N_("Language and time"),
        N_("What holds for members who have not chosen for themselves."),
    ),
    (
        "pages.show_answers_found",
        N_("Answers that are found"),
        N_(
            "What was solved without asking, how often an earlier answer that is shown is the "
            "right one, and how sure it must be."
        ),
    ),
    (
        "pages.show_queue",
        N_("Moderation"),
        N_("What colleagues have flagged, and what is hidden."),
    ),
    (
        "pages.list_fairness",
        N_("Fair play"),
        N_("Votes that did not come about fairly, and appeals."),
    ),
    (
        "pages.show_audit",
        N_("Audit trail"),
        N_("Who did what: roles, moderation, imports, tokens, scores."),
    ),
)

# Each module adds its routes to the blueprint when it is imported.
ROUTES = (
    appearance_pages,
    choices_page,
    for_me,
    waiting,
    help,
    answers,
    answers_found,
    ask,
    audit_page,
    comments,
    decisions,
    departments,
    drafts,
    fairness_pages,
    flagging,
    guides,
    history,
    leaving,
    ledger_page,
    legal_pages,
    lists,
    look_ups,
    mail_page,
    mail_settings,
    marking,
    members,
    menu,
    merging,
    notifications,
    people,
    pictures,
    places,
    preferences,
    preview,
    questions,
    retiring,
    reveals,
    reviews,
    rules,
    saved_searches,
    search,
    sign_in,
    similar,
    settings_pages,
    space_pages,
    topic_pages,
    topic_keepers,
    suspending,
    unanswered,
    verifying,
    votes,
)


def install(app: Flask) -> None:
    """Register the pages."""
    chrome.install(app)
    appearance_pages.install(app)
    speech.install(app)
    errors.install(app)
    compression.install(app)
    app.register_blueprint(pages)
