"""Whether an accent can be read, in light and in dark, and the nearest that can.

Contrast as WCAG 2.2 defines it (relative luminance, success criterion 1.4.3: 4.5 to 1). The accent
is text on every surface of ours, and what is written on it is text too. A colour is moved along its
lightness in OKLCH, which keeps its hue (Ottosson 2020, "A perceptual color space").
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from peerqa.errors import N_, Invalid

ENOUGH = 4.5
KEPT = 256  # colours and style sheets that a process remembers: the search takes tens of ms
STEP = 0.004  # of lightness; half of what an eye can tell
SHARES = (0.12, 0.1, 0.08, 0.06, 0.04)  # of the accent in its wash
INKS = ("#ffffff", "#06100e")  # what is written on an accent
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
Colour = tuple[float, float, float]  # sRGB, each from 0 to 1


@dataclass(frozen=True)
class Mode:
    """The surfaces that an accent stands on, and the texts that stand on its wash."""

    surfaces: tuple[str, ...]
    card: str
    texts: tuple[str, ...]
    is_dark: bool


# As in static/peerqa.css; a test compares them.
LIGHT = Mode(("#fbfaf7", "#ffffff", "#f2f0ea"), "#ffffff", ("#1d2327", "#5a646b"), is_dark=False)
DARK = Mode(("#16181a", "#1e2124", "#121416"), "#1e2124", ("#e9e6df", "#a3a9ad"), is_dark=True)


@dataclass(frozen=True)
class Shades:
    """An accent with what goes with it."""

    accent: str
    on_accent: str
    wash: str
    ratio: float  # the least contrast of all


class TooPale(Invalid):
    """The colour cannot be read everywhere."""

    code = "too-pale"


def read_colour(text: str) -> str:
    """Return a colour as #rrggbb.

    Raises:
        Invalid: it is none.
    """
    found = _HEX.fullmatch(text.strip())
    if found is None:
        raise Invalid(N_("A colour is written like #0b6b5d."), field="accent")
    digits = found[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(each * 2 for each in digits))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(_parse(one)), _luminance(_parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def shades(accent: str, mode: Mode) -> Shades:
    """Return what goes with an accent, and how well the worst of it can be read."""
    on_accent = max(INKS, key=lambda ink: contrast(ink, accent))
    washes = [_mix(accent, mode.card, share) for share in SHARES]
    wash = max(washes, key=lambda each: min(ENOUGH, _least_on(each, accent, mode)))
    least = min(
        contrast(on_accent, accent),
        _least_on(wash, accent, mode),
        *(contrast(accent, surface) for surface in mode.surfaces),
    )
    return Shades(accent, on_accent, wash, least)


def check(accent: str, mode: Mode, *, field: str) -> Shades:
    """Return what goes with an accent that can be read.

    Raises:
        TooPale: with its contrast and the nearest that has enough.
    """
    found = shades(accent, mode)
    if found.ratio >= ENOUGH:
        return found
    raise TooPale(
        N_("%(colour)s has a contrast of %(ratio)s to 1 where it is least; text needs 4.5. The "
           "nearest that has it is %(nearest)s."),
        field=field, colour=accent, nearest=nearest(accent, mode),
        ratio=f"{math.floor(found.ratio * 100) / 100:g}",
    )  # fmt: skip


@lru_cache(maxsize=KEPT)
def nearest(accent: str, mode: Mode) -> str:
    """Return the colour of the same hue that can be read, and is the least lighter or darker."""
    return next(each for each in _along(accent) if shades(each, mode).ratio >= ENOUGH)


@lru_cache(maxsize=KEPT)
def style_sheet(accent: str, accent_dark: str | None) -> str:
    """Return the custom properties that replace the accent of ours."""
    light = shades(accent, LIGHT)
    dark = shades(accent_dark or nearest(accent, DARK), DARK)
    pairs = {
        "accent": (light.accent, dark.accent),
        "on-accent": (light.on_accent, dark.on_accent),
        "accent-wash": (light.wash, dark.wash),
    }
    lines = (f"--{name}: light-dark({one}, {other});" for name, (one, other) in pairs.items())
    return ":root { " + " ".join(lines) + " }\n"


def _least_on(wash: str, accent: str, mode: Mode) -> float:
    return min(contrast(text, wash) for text in (accent, *mode.texts))


def _along(accent: str) -> Iterator[str]:
    """Yield the colour, then those ever lighter and darker, nearest first."""
    lightness, a, b = _to_oklab(_parse(accent))
    yield accent
    for number in range(1, round(1 / STEP) + 1):
        for wanted in (lightness - number * STEP, lightness + number * STEP):
            if 0 <= wanted <= 1:
                yield _in_gamut(wanted, a, b)


def _in_gamut(lightness: float, a: float, b: float) -> str:
    """Return the most colourful that a screen can show of this lightness and hue."""
    for share in range(20, -1, -1):
        found = _from_oklab(lightness, a * share / 20, b * share / 20)
        if all(-0.0005 <= part <= 1.0005 for part in found):
            return _write(found)
    return _write(_from_oklab(lightness, 0, 0))


def _parse(colour: str) -> Colour:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _write(colour: Colour) -> str:
    return "#" + "".join(f"{round(255 * min(1, max(0, part))):02x}" for part in colour)


def _mix(one: str, other: str, share: float) -> str:
    red, green, blue = (
        share * a + (1 - share) * b for a, b in zip(_parse(one), _parse(other), strict=True)
    )
    return _write((red, green, blue))


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _curved(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055


def _luminance(colour: Colour) -> float:
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _to_oklab(colour: Colour) -> Colour:
    red, green, blue = map(_linear, colour)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> Colour:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _curved(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _curved(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _curved(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )
