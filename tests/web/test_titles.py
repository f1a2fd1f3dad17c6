"""A tab tells its page: every page has a title of its own."""

import re

import pytest


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_every_page_has_a_title_of_its_own(browse, alice, steward, question, space):
    browser = browse(alice)
    paths = [
        "/",
        "/ask",
        "/search",
        "/search?q=label+printer",
        "/notifications",
        "/topics/",
        "/topics/label-printer",
        f"/spaces/{space.id}",
        f"/members/{alice.id}",
        f"/members/{steward.id}",
        f"/questions/{question.id}",
        f"/questions/{question.id}/edit",
        f"/questions/{question.id}/delete",
        "/nothing-here",
    ]

    titles = {path: title_of(browser.get(path).text) for path in paths}

    assert len(set(titles.values())) == len(paths), titles
    assert all(title.endswith("PeerQA") for title in titles.values())


def title_of(page: str) -> str:
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    assert found is not None
    return found[1].strip()
