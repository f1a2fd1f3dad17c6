import pytest

from peerqa import errors
from peerqa.errors import Busy, Invalid, NotFound, PeerQAError
from peerqa.services.posts import EditConflict


def refusals() -> list[type[PeerQAError]]:
    found, queue = [], [PeerQAError]
    while queue:
        one = queue.pop()
        found.append(one)
        queue.extend(one.__subclasses__())
    return found


def test_a_sentence_has_its_places_filled():
    assert str(NotFound("There is no %(name)s.", name="cat")) == "There is no cat."


def test_a_sentence_without_context_is_taken_as_it_is():
    assert str(NotFound("100 % of it is gone.")) == "100 % of it is gone."


def test_the_sentence_stays_translatable():
    refused = NotFound("There is no %(name)s.", name="cat")

    assert refused.sentence == "There is no %(name)s."
    assert refused.context == {"name": "cat"}


def test_invalid_names_its_field_apart_from_the_context():
    refused = Invalid("At most %(most)s.", field="title", most=5)

    assert (refused.field, refused.context, str(refused)) == ("title", {"most": 5}, "At most 5.")


def test_who_is_told_to_wait_is_told_how_long():
    assert Busy.retry_after_seconds > 0


@pytest.mark.parametrize("refusal", refusals(), ids=lambda one: one.__name__)
def test_every_refusal_has_a_code_and_a_status_of_its_kind(refusal):
    assert refusal.code == refusal.code.lower()
    assert " " not in refusal.code
    assert 400 <= refusal.status < 600


def test_codes_are_not_shared():
    codes = [one.code for one in refusals() if one.__module__.startswith("peerqa")]

    assert len(set(codes)) == len(codes)


def test_marking_a_sentence_changes_nothing():
    assert errors.N_("Ask.") == "Ask."


def test_a_conflict_of_edits_is_a_conflict():
    assert EditConflict.status == 409
