"""The admin page about answers that are found: what it says, shows and changes, and to whom."""

import re

import pytest
from sqlalchemy import func, select

from peerqa.models import FittedGate, LookUpHit, OutboxRow
from peerqa.search.gate_measures import CurvePoint, Measures, Share
from peerqa.search.hits import Hit
from peerqa.search.languages import FEWEST_JUDGED
from peerqa.services import questions
from peerqa.services.look_ups import ShownHit
from peerqa.web.shown_hits import make_cards, read_signed, sign
from tests.conftest import NOON
from tests.web.conftest import text_of

PAGE = "/admin/answers-found"


def measured() -> Measures:
    right = Share(18, 20, 0.699, 0.972)
    return Measures(
        0.8, [CurvePoint(0.9, 1.0, 0.95, right)], right, None, Share(1, 10, 0, 0.4), 0.05
    )


@pytest.fixture
def learned(session, organization):
    """Return a function that stores what was learned."""

    def learned(verdict="own", weights=(-7.0, 2.0, 27.0), measures=None) -> FittedGate:
        bias, similarity, gap = weights
        row = FittedGate(
            organization_id=organization.id, model="words@1", verdict=verdict, bias=bias,
            similarity=similarity, gap=gap, confirmed_count=18, refused_count=2,
            duplicate_count=10, evidence_hash="0", fitted_at=NOON,
            measured=(measures or measured()).as_json(),
        )  # fmt: skip
        session.add(row)
        session.commit()
        return row

    return learned


def target_of(session, organization) -> float:
    session.expire_all()
    return organization.precision_target


def test_with_nothing_learned_it_says_what_happens_meanwhile(browse, admin):
    said = text_of(browse(admin).get(PAGE))

    assert "A careful prior decides" in said
    assert "Nothing was learned here yet" in said
    assert "Nothing was judged yet, so there is nothing to measure." in said


@pytest.mark.parametrize(
    ("body", "is_told"),
    [
        ("Der Drucker ist aus und ich weiß nicht, wie man ihn wieder anschaltet.", True),
        ("The printer is off and I do not know how to switch it on again.", False),
    ],
)
def test_posts_that_the_model_is_not_made_for_are_told_of(
    session, space, alice, browse, admin, body, is_told
):
    for number in range(FEWEST_JUDGED):
        questions.post_question(
            session, space=space, author=alice, title=f"Drucker {number}", body=body, at=NOON
        )
    session.commit()

    said = text_of(browse(admin).get(PAGE))

    assert ("10 of the 10 newest posts are not in English" in said) is is_told
    assert ("set PEERQA_MODEL to a multilingual model" in said) is is_told


def test_figures_stand_with_their_samples_and_intervals(browse, admin, learned):
    learned()

    page = browse(admin).get(PAGE)
    said = text_of(page)

    assert "Your colleagues' feedback decides." in said.replace("&#39;", "'")
    assert re.search(r"Precision of what was shown .*? 90% 20 70% to 97%", said)
    assert "not known yet" in said  # the recall
    assert re.search(r"False alarms .*? 10% 10 0% to 40% too few to say much", said)
    assert re.search(r"Foretold .*? 95% 20 90% 70% to 97%", said)
    assert '<circle cx="190.0" cy="20.0"' in page.text
    assert "style=" not in page.text


def test_where_nobody_said_anything_no_feedback_is_claimed(session, browse, admin, learned):
    row = learned()
    row.confirmed_count = row.refused_count = 0
    session.commit()

    said = text_of(browse(admin).get(PAGE))

    assert "What was learned from questions that were marked as duplicates decides." in said
    assert "feedback decides" not in said


@pytest.mark.parametrize(
    ("verdict", "sentence"),
    [
        ("too-few", "There is not enough feedback yet"),
        ("no-better", "did not foretell better than the prior"),
        ("less-precise", "more of what is shown would have been wrong"),
        ("absurd", "contradicts itself"),
        ("of-a-later-version", "what was learned is damaged"),
    ],
)
def test_it_says_why_the_prior_holds(browse, admin, learned, verdict, sentence):
    learned(verdict, (None, None, None))

    assert sentence in text_of(browse(admin).get(PAGE))


def test_damaged_numbers_and_figures_are_no_error(session, browse, admin, learned):
    row = learned("own", (None, None, None))
    row.measured = {"curve": "nonsense"}
    session.commit()

    assert "what was learned is damaged" in text_of(browse(admin).get(PAGE))


@pytest.mark.parametrize(
    ("typed", "target"), [("90", 0.9), ("82,5 %", 0.825), ("40", 0.4), ("99", 0.99)]
)
def test_an_admin_changes_the_target(session, browse, admin, organization, typed, target):
    reply = browse(admin).post(f"{PAGE}/target", {"target": typed})

    assert reply.status_code == 303
    assert target_of(session, organization) == pytest.approx(target)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("39", "The target is a percentage from 40 to 99."),
        ("100", "The target is a percentage from 40 to 99."),
        ("nan", "The target is a percentage from 40 to 99."),
        ("1e999", "The target is a percentage from 40 to 99."),
        ("", "Please give a number, such as 80."),
        ("very sure", "Please give a number, such as 80."),
    ],
)
def test_a_target_beyond_reason_is_refused_beside_its_field(
    session, browse, admin, organization, typed, sentence
):
    page = browse(admin).post(f"{PAGE}/target", {"target": typed})

    assert page.status_code == 422
    assert sentence in text_of(page)
    assert f'value="{typed}"' in page.text
    assert 'aria-invalid="true"' in page.text
    assert target_of(session, organization) == 0.8


def test_recalibration_is_asked_of_the_worker_once(session, browse, admin, organization):
    browser = browse(admin)
    for _ in range(2):
        assert browser.post(f"{PAGE}/recalibrate").status_code == 303

    rows = session.scalars(select(OutboxRow).where(OutboxRow.topic == "recalibrate")).all()
    assert [row.key for row in rows] == [str(organization.id)]
    assert session.scalar(select(func.count()).select_from(FittedGate)) == 0
    assert "Waits for the worker." in text_of(browser.get(PAGE))


def test_only_admins_come_here(session, browse, alice, steward, organization):
    for member in (alice, steward):
        browser = browse(member)
        assert browser.get(PAGE).status_code == 403
        assert browser.post(f"{PAGE}/target", {"target": "90"}).status_code == 403
        assert browser.post(f"{PAGE}/recalibrate").status_code == 403

    assert target_of(session, organization) == 0.8


def test_an_admin_elsewhere_sees_and_changes_their_own(
    session, browse, carol, organization, learned
):
    learned()
    carol.is_admin = True
    browser = browse(carol)

    assert "Nothing was learned here yet" in text_of(browser.get(PAGE))
    browser.post(f"{PAGE}/target", {"target": "95"})

    assert target_of(session, organization) == 0.8
    assert carol.organization.precision_target == 0.95


def test_the_menu_leads_there(browse, admin):
    assert f'href="{PAGE}"' in browse(admin).get("/admin").text


def test_the_model_of_the_figures_travels_with_the_hit(app, session, browse, bob, question):
    hit = Hit(question, None, None, 0.8, 0.3, 0.9, "possibly", "words@1")
    with app.test_request_context():
        (card,) = make_cards([hit], key="k")
        assert read_signed(card.signed).model == "words@1"

    browse(bob).post(
        "/lookups", {"look_up": "k" * 32, "surface": "ask", "title": "x", "refused": card.signed}
    )

    assert session.scalars(select(LookUpHit.model)).all() == ["words@1"]


def test_a_page_from_before_figures_had_a_model_still_counts(app, question):
    with app.test_request_context():
        old = sign(ShownHit(question.id, None, 0.8, 0.3, 0.9))

        assert read_signed(old).model is None


def test_the_page_says_what_was_solved_without_asking(browse, admin):
    page = browse(admin).get("/admin/answers-found").text

    assert "Solved without asking, in the last 30 days" in page
    assert "Counted once per person and question" in page
