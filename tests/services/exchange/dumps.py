"""Small dumps made for the tests, in the shape of the real ones."""

import random
from collections.abc import Iterable, Mapping
from pathlib import Path
from xml.sax.saxutils import quoteattr

WORDS = [
    "brake",
    "chain",
    "saddle",
    "wheel",
    "spoke",
    "pedal",
    "lever",
    "cable",
    "rim",
    "tyre",
    "torque",
    "frame",
    "fork",
    "bolt",
]


def row(**values: object) -> str:
    """Write one row; None is left out."""
    found = (f"{k}={quoteattr(str(v))}" for k, v in values.items() if v is not None)
    return f"  <row {' '.join(found)} />\n"


def question(number: int, title: str = "How do I true a wheel?", **more: object) -> str:
    values = {"CreationDate": f"2020-01-01T10:00:{number % 60:02}.{number % 1000:03}"}
    values |= {"Score": 0, "Body": "<p>It wobbles.</p>", "Title": title, "Tags": "<wheels>"}
    return row(Id=number, PostTypeId=1, **(values | more))


def answer(number: int, parent: int, **more: object) -> str:
    values = {"CreationDate": f"2020-01-02T10:00:{number % 60:02}.{number % 1000:03}"}
    values |= {"Score": 0, "Body": "<p>Turn the nipple.</p>"}
    return row(Id=number, PostTypeId=2, ParentId=parent, **(values | more))


def comment(number: int, post: int, **more: object) -> str:
    values = {"CreationDate": "2020-01-03T10:00:00.000", "Text": "Which way?"}
    return row(Id=number, PostId=post, **(values | more))


def user(number: int, name: str, **more: object) -> str:
    return row(Id=number, DisplayName=name, CreationDate="2019-01-01T00:00:00.000", **more)


def vote(number: int, post: int, kind: int = 2) -> str:
    return row(Id=number, PostId=post, VoteTypeId=kind, CreationDate="2020-01-04T00:00:00.000")


def link(number: int, post: int, related: int, kind: int = 3) -> str:
    return row(Id=number, PostId=post, RelatedPostId=related, LinkTypeId=kind)


def write_dump(folder: Path, files: Mapping[str, Iterable[str]]) -> Path:
    """Write the files of a dump: name without .xml → rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        with (folder / f"{name}.xml").open("w", encoding="utf-8") as file:
            file.write(f'\ufeff<?xml version="1.0" encoding="utf-8"?>\n<{name.lower()}>\n')
            file.writelines(rows)
            file.write(f"</{name.lower()}>\n")
    return folder


def write_large_dump(folder: Path, *, questions: int, words: int = 180) -> Path:
    """Write a dump of this many questions, each with two answers."""
    dice = random.Random(7)

    def body() -> str:
        text = " ".join(dice.choices(WORDS, k=words))
        listed, code = f"<ul><li>{text[:40]}</li></ul>", f"<pre><code>{dice.random()}</code></pre>"
        return f"<p>{text}</p>\n{listed}{code}"

    def posts() -> Iterable[str]:
        for number in range(1, 3 * questions, 3):
            title = f"Why does part {number} {dice.choice(WORDS)}?"
            who = {"OwnerUserId": 1 + number % 500}
            yield question(number, title, Body=body(), AcceptedAnswerId=number + 1, **who)
            yield answer(number + 1, number, Body=body(), **who)
            yield answer(number + 2, number, Body=body(), **who)

    users = (user(number, f"Person {number}") for number in range(1, 502))
    votes = (vote(number, 1 + number % (3 * questions)) for number in range(3 * questions))
    return write_dump(folder, {"Posts": posts(), "Users": users, "Votes": votes})
