"""Accents can be read: the numbers of WCAG 2.2, computed."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerqa.errors import Invalid
from peerqa.services.admin import colours
from peerqa.services.admin.colours import DARK, ENOUGH, LIGHT, contrast, nearest, shades

STYLE = Path(colours.__file__).parents[2] / "static" / "peerqa.css"
ANY = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#767676", "#ffffff", 4.54),
     ("#ff0000", "#ffffff", 4.0), ("#0000ff", "#ffffff", 8.59), ("#123456", "#123456", 1)],
)  # fmt: skip
def test_contrast_is_what_wcag_says(one, other, ratio):
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_our_own_colours_pass_and_are_those_of_the_style_sheet():
    style = STYLE.read_text()
    for name, place in (("paper", 0), ("card", 1), ("sunk", 2)):
        found = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", style)
        light, dark = (colours.read_colour(each) for each in found.groups())
        assert (light, dark) == (LIGHT.surfaces[place], DARK.surfaces[place])
    assert shades("#0b6b5d", LIGHT).ratio >= ENOUGH
    assert shades("#5fc9b5", DARK).ratio >= ENOUGH


@settings(max_examples=60)
@given(ANY)
def test_for_every_colour_there_is_one_near_that_can_be_read(colour):
    for mode in (LIGHT, DARK):
        found = shades(nearest(colour, mode), mode)
        assert found.ratio >= ENOUGH
        if shades(colour, mode).ratio >= ENOUGH:
            assert found.accent == colour


@pytest.mark.parametrize(("colour", "mode"), [("#ffff00", LIGHT), ("#101080", DARK)])
def test_what_cannot_be_read_is_refused_with_its_ratio_and_the_nearest(colour, mode):
    with pytest.raises(colours.TooPale) as refused:
        colours.check(colour, mode, field="accent")

    ratio = float(refused.value.context["ratio"])
    assert 1 <= ratio < ENOUGH
    assert f"{ratio:g} to 1" in str(refused.value)
    colours.check(refused.value.context["nearest"], mode, field="accent")


@pytest.mark.parametrize(
    "typed", ["", "red", "#12", "#12345", "#gggggg", "url(x)", "#fff;}", "٣٣٣", "#" * 99]
)
def test_what_is_no_colour_is_refused(typed):
    with pytest.raises(Invalid, match="written like"):
        colours.read_colour(typed)
    assert colours.read_colour(" FA0 ") == "#ffaa00"


def test_the_style_sheet_holds_nothing_but_colours():
    sheet = colours.style_sheet("#0000ff", None)

    assert re.fullmatch(
        r":root { (?:--[a-z-]+: light-dark\(#[0-9a-f]{6}, #[0-9a-f]{6}\); ?){3} ?}\n", sheet
    )


def test_the_style_sheet_of_a_colour_is_made_once():
    colours.style_sheet.cache_clear()
    for _page in range(3):
        colours.style_sheet("#123456", None)

    assert colours.style_sheet.cache_info()[:2] == (2, 1)  # hits, misses
