"""Reads what was typed: exact tokens, which must not be lost, and content words.

A model that has never seen `0x80070005` or `ZD420` cannot find it by meaning; there
words decide. Stop words are dropped, since they would make every question a hit.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_ENGLISH = """
    a about after again all also am an and any anyone are as at be because been before being
    but by can cannot could did do does doing don't during each few for from further get got
    had has have having he her here him his how i i'm if in into is it it's its just like me
    more most my need no nor not now of off on once only or other our out over please same
    she should so some somebody someone such than thanks that the their them then there these
    they this those through to too under until up us very want was way we were what when
    where which while who whom whose why will with without would you your
"""
_GERMAN = """
    aber alle als also am an auch auf aus bei beim bin bis bitte brauche da damit danke dann
    das dass dem den denn der des die dies diese diesem diesen dieser dieses doch dort du durch
    ein eine einem einen einer eines er es euch für geht gibt habe haben hat hier ich ihm ihn
    ihr ihre im in ins ist ja jemand jetzt kann kein keine können könnte man mein meine meinem
    meinen meiner mich mir mit muss nach nicht noch nun nur ob oder ohne schon sehr sein seine
    sich sie sind so soll um und uns unser unsere vom von vor wann war warum was weil welche
    welcher welches wenn wer werden wie will wird wir wo wohin zu zum zur über
"""
_FRENCH = """
    à ai au aucun aussi autre aux avec avez avoir avons bonjour c'est ça car ce cela ces cet cette
    chez comme comment d'un d'une dans de des dois doit donc du elle en encore est et être êtes eu
    fait faire faut il ils j'ai je l'on la le les leur lors lui ma mais me même merci mes moi mon ne
    ni nos notre nous on ont où ou par pas peut peux plus pour pourquoi qu'il qu'on quand que quel
    quelle quelles quels qui quoi sa sans se sera ses si son sont sous suis sur ta te tes toi ton
    tous tout toute toutes très tu un une vers voici votre vous y
"""
_SPANISH = """
    a al algo alguien alguna ante antes aquí así aunque cada como cómo con cual cuál cuando cuándo
    de del desde donde dónde dos el ella en entre era es esa ese eso esta está están este esto estoy
    fue gracias ha hace hacer han hasta hay he la las le les lo los más me mi mis mucho muy nada ni
    no nos nuestra nuestro o otra otro para pero por porque puede puedo que qué quien quién se sea
    ser si sí sin sobre son su sus también te tengo tiene tienen todo todos tu un una uno unos y ya
    yo
"""
_ITALIAN = """
    a abbiamo ad ai al alla alle anche ancora avere c'è che chi ci come con così cosa cui da dai dal
    dalla dalle degli dei del dell della delle di dopo dove due e è ed era essere fa fare fra fino
    gli grazie ha hai hanno ho i il in io l la le lei li lo loro lui ma mi mia mio molto ne nei nel
    nella nelle no noi non nostra nostro o ogni per perché più poi posso prima può qual quale quando
    quanto quella quello questa questo qui sa se sei senza si sia siamo sono su sua sue sul sulla
    suo tra tutti tutto un una uno vi voi
"""
_DUTCH = """
    aan al alle als altijd andere ben bij daar dan dat de deze die dit doe doen door dus een en er
    ergens geen hallo had heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je kan
    kun kunnen maar maken me meer men met mij mijn moet moeten na naar niet niets nog nu of om ons
    onze ook op over te tegen toch toen tot uit uw van veel voor waar waarom wat we wel welke werd
    wie wij wil worden wordt zal ze zelf zich zij zijn zo zonder zou
"""
_PORTUGUESE = """
    a ainda algo alguém ao aos aqui as às até com como da das de dela dele deles depois do dos e é
    ela ele eles em entre era essa esse esta está estão este estou eu faz fazer foi há isso isto já
    lhe mais mas me mesmo meu meus minha muito na não nas nem no nos nós nossa nosso num numa o
    obrigado onde os ou para pela pelo pode por porque posso qual quando que quem quê se sem ser
    seu seus só sobre sua são também te tem tenho ter toda todo todos tu um uma você vocês
"""
STOP_WORDS: Mapping[str, frozenset[str]] = {
    "en": frozenset(_ENGLISH.split()),
    "de": frozenset(_GERMAN.split()),
    "fr": frozenset(_FRENCH.split()),
    "es": frozenset(_SPANISH.split()),
    "it": frozenset(_ITALIAN.split()),
    "nl": frozenset(_DUTCH.split()),
    "pt": frozenset(_PORTUGUESE.split()),
}

_QUOTED = re.compile(r'["“„«»”]([^"“„«»”\n]{2,200})["“”«»]')
_TOKEN = re.compile(r"[^\W_]+(?:[-_./:'’][^\W_]+)*")
_PART = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_ACRONYM = re.compile(r"[^\W\d_]{2,10}")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Terms:
    """What was typed, each once, in the order typed.

    Attributes:
        exact: error codes, names with digits, acronyms, quoted phrases; as typed.
        content: other words without stop words; lower case.
    """

    exact: tuple[str, ...]
    content: tuple[str, ...]


def query_terms(text: str, language: str) -> Terms:
    """Split what was typed into exact tokens and content words.

    Args:
        text: plain.
        language: a tag such as `de` or `de-AT`; of a language without a list of stop
            words nothing is dropped.
    """
    stop_words = STOP_WORDS.get(language.lower().split("-")[0], frozenset())
    exact = [" ".join(phrase.split()) for phrase in _QUOTED.findall(text)]
    content: list[str] = []
    is_shouted = text.upper() == text
    for token in _TOKEN.findall(text):
        if token.lower() in stop_words:
            continue
        if _is_code(token) or (not is_shouted and _is_acronym(token)):
            exact.append(token)
        else:
            parts = (part.lower() for part in _PART.findall(token))
            content.extend(part for part in parts if part not in stop_words)
    return Terms(_each_once(filter(None, exact)), _each_once(content))


def content_word_count(text: str, language: str = "en") -> int:
    """Count the different words that carry meaning, exact tokens included."""
    terms = query_terms(text, language)
    # The words of a quoted phrase are content as well.
    tokens = (term.casefold() for term in terms.exact if " " not in term)
    return len({*terms.content, *tokens})


def _is_code(token: str) -> bool:
    """Tell 0x80070005, E-42, ZD420, 2.3.1, max_connections and 1603; not 2024 or 5."""
    has_digit = any(character.isdigit() for character in token)
    if token.isdigit():
        return len(token) >= 3 and not _YEAR.fullmatch(token)
    return has_digit or "_" in token


def _is_acronym(token: str) -> bool:
    return token.isupper() and bool(_ACRONYM.fullmatch(token))


def _each_once(words: Iterable[str]) -> tuple[str, ...]:
    """Keep the first of words that differ in case alone."""
    first: dict[str, str] = {}
    for word in words:
        first.setdefault(word.casefold(), word)
    return tuple(first.values())
