"""Words alone: whose posts are found, and which of the typed words are asked for."""

import pytest

from indexer.words import query_terms
from peerqa.search import words
from peerqa.search.words import WordRow, find_by_words, write_words
from peerqa.services import organizations
from tests.conftest import NOON


@pytest.fixture
def write(session, question):
    """Return a function that stores the words of posts, of whatever organization."""

    def write_titles(organization, first_id, *titles):
        rows = [
            WordRow(first_id + place, organization.id, title, "", "en")
            for place, title in enumerate(titles)
        ]
        write_words(session, rows)

    return write_titles


@pytest.fixture
def look_up(session, organization):
    def look_up(typed, **more):
        terms = query_terms(typed, "en")
        return find_by_words(
            session, terms, organization_id=organization.id, language="en", **more
        ).scores.keys()

    return look_up


# PostgreSQL's words belong to posts, and it estimates instead of counting.
on_sqlite = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)


@on_sqlite
def test_an_organization_alone_finds_its_own(write, look_up, organization):
    write(organization, 900, "Printer blinks", "Bicycle squeaks")

    assert look_up("Why does the bicycle squeak?") == {901}


@on_sqlite
def test_better_hits_of_another_organization_do_not_push_ours_out(
    session, write, look_up, organization
):
    write(organization, 900, "A bicycle among many other words that make it a weak hit")
    elsewhere = organizations.make_organization(session, name="Elsewhere", at=NOON)
    write(elsewhere, 910, *["Bicycle"] * 20)

    assert look_up("bicycle", limit=3) == {900}


@on_sqlite
def test_a_word_that_too_many_posts_hold_is_left_out_beside_a_rarer_one(
    write, look_up, organization, monkeypatch
):
    monkeypatch.setattr(words, "MOST_RATED", 3)
    write(organization, 900, "Bicycle squeaks", "Bicycle lamp", "Bicycle bell", "Bicycle pump")

    assert look_up("bicycle squeaks") == {900}
    assert look_up("bicycle") == {900, 901, 902, 903}


def rows_of(organization, language, *titles):
    return [
        WordRow(900 + place, organization.id, title, "", language)
        for place, title in enumerate(titles)
    ]


FRENCH = ["Café fermé le lundi", "Imprimante bloquée", "Café ouvert le mardi"]


@on_sqlite
@pytest.mark.parametrize(
    ("language", "titles", "typed", "found"),
    [
        ("fr", FRENCH, "Pourquoi l'imprimante est bloquée ?", {901}),
        ("fr", FRENCH, "le café du mardi", {900, 902}),
        ("en", ["Rücksendung prüfen", "Fork"], "the Rücksendung and the Prüfgerät", {900}),
        ("ru", ["Сбросить пароли", "Отпуск"], "как сбросить пароль", {900}),
        ("ja", ["新しいプリンターの設定方法", "休暇の申請"], "プリンター", {900}),
        ("zh", ["打印机无法连接", "休假申请"], "无法连接打印机", {900}),
    ],
)
def test_words_of_other_languages_are_found(session, organization, language, titles, typed, found):
    """Rare ones too where they have accents: SQLite's vocabulary knows them without."""
    write_words(session, rows_of(organization, language, *titles))

    terms = query_terms(typed, language)
    hits = find_by_words(session, terms, organization_id=organization.id, language=language)

    assert set(hits.scores) == found
