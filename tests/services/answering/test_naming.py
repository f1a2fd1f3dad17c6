from peerqa.models.space import Role, Visibility
from peerqa.services import members
from peerqa.services.answering.naming import MOST_OFFERED, list_named
from tests.conftest import NOON


def make_member(session, organization, name):
    return members.create_member(session, organization=organization, name=name, at=NOON)


def names(session, question, typed, reader):
    return [member.name for member in list_named(session, question, typed, reader=reader, at=NOON)]


def test_names_are_found_by_the_beginning_of_a_word(session, organization, question, alice, carol):
    for name in ("Noor Ostby", "Olga Noorman", "Eleanor Vance"):
        make_member(session, organization, name)
    make_member(session, carol.organization, "Noor Foreign")
    gone = make_member(session, organization, "Noor Gone")
    gone.inactive_at = NOON
    kept_out = make_member(session, organization, "Noor Suspended")
    kept_out.suspended_at = NOON
    session.flush()

    assert names(session, question, "noo", alice) == ["Noor Ostby", "Olga Noorman"]
    assert names(session, question, "Noor O", alice) == ["Noor Ostby"]
    assert names(session, question, "", alice) == []
    assert names(session, question, "%", alice) == names(session, question, "_oor", alice) == []
    assert names(session, question, "n" * 61, alice) == []


def test_only_who_may_see_the_thread_is_offered(session, organization, space, question, alice):
    inside, _outside = (make_member(session, organization, f"Noor {n}") for n in ("In", "Out"))
    for member in (alice, inside):
        members.join_space(session, member=member, space=space, role=Role.LEARNER)
    question.visibility = Visibility.SPACE
    session.flush()

    assert names(session, question, "noor", alice) == ["Noor In"]
    assert names(session, question, "noor", inside) == []  # nobody means themself


def test_there_are_never_more_than_eight(session, organization, question, alice):
    for number in range(12):
        make_member(session, organization, f"Noor {number:02}")

    assert names(session, question, "noor", alice) == [f"Noor {n:02}" for n in range(MOST_OFFERED)]
