from peerqa.models.space import Role
from peerqa.services import members


def test_a_token_says_who_it_acts_as(program, session, organization, alice):
    members.set_department(session, member=alice, name="Warehouse")

    assert program(alice).get("/me").json == {
        "id": alice.id,
        "name": "Alice Asker",
        "email": "alice@example.org",
        "department": "Warehouse",
        "is_admin": False,
        "organization": {"id": organization.id, "name": "Northwind"},
    }


def test_spaces_are_those_that_one_may_see(program, session, space, closed_space, alice, bob):
    members.join_space(session, member=bob, space=closed_space, role=Role.STEWARD)

    workshop = {
        "id": space.id,
        "name": "Workshop",
        "description": "",
        "visibility": "organization",
        "role": None,
    }
    pay = {
        "id": closed_space.id,
        "name": "Pay",
        "description": "",
        "visibility": "space",
        "role": "steward",
    }
    assert program(alice).get("/spaces").json == {"spaces": [workshop]}
    assert program(bob).get("/spaces").json == {"spaces": [pay, workshop]}
