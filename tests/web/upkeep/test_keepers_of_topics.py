"""Who keeps a topic, said on its page."""

from tests.web.conftest import text_of


def test_a_steward_names_a_keeper_who_steps_down(session, browse, bob, steward, question):
    question_topic = question.topics[0].name
    path = f"/topics/{question_topic}"
    browser, keeper = browse(steward), browse(bob)
    assert "Name a keeper" not in text_of(keeper.get(path))

    assert browser.post(f"{path}/keepers", {"who": "bob builder"}).status_code == 303
    assert "Kept by Bob Builder Step down" in text_of(keeper.get(path))
    assert keeper.post(f"{path}/keepers", {"gone": str(bob.id)}).status_code == 303
    assert "Bob Builder" not in text_of(browser.get(path))

    refused = browser.post(f"{path}/keepers", {"who": "<b>Nobody"})
    assert refused.status_code == 422
    assert 'value="&lt;b&gt;Nobody"' in refused.text
    assert "Nobody here is called" in text_of(refused)
