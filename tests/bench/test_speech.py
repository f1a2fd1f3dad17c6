from random import Random

from peerqa.bench.speech import Speech, company_sayings, company_titles


def test_the_same_seed_says_the_same():
    speech = Speech(company_sayings())

    assert speech.text(Random(7), about="A tyre?") == speech.text(Random(7), about="A tyre?")
    assert speech.text(Random(7), about="A tyre?") != speech.text(Random(8), about="A tyre?")


def test_titles_have_about_nine_words_and_texts_about_sixty():
    random = Random(7)
    titles, sayings = Speech(company_titles()), Speech(company_sayings())

    title_words = [len(titles.title(random).split()) for _ in range(400)]
    text_words = [len(sayings.text(random, about="A tyre?").split()) for _ in range(200)]

    assert 8.5 < sum(title_words) / 400 < 9.5
    assert 55 < sum(text_words) / 200 < 65


def test_words_come_from_the_company_alone():
    speech = Speech(["The label printer blinks red.", "The carrier came."])
    known = {"The", "label", "printer", "blinks", "red", "carrier", "came"}

    said = speech.text(Random(7), about="label?").replace(".", " ").split()

    assert set(said) <= known


def test_a_text_is_about_what_was_asked():
    speech = Speech(["The label printer blinks red.", "The carrier came."])

    assert "label" in speech.text(Random(7), about="label?")
