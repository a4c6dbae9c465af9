"""A company's colour, made readable: the same hue, moved until text on it and in it can be read."""

import colorsys
import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "#0f6b66"
READABLE = 4.5
_LIGHT_CANVAS = "#f4f6f6"
_DARK_RAISED = "#23282b"
_STEP = 0.02


@dataclass(frozen=True)
class Accent:
    """The accent on light and on dark ground, as ``#rrggbb``."""

    light: str
    dark: str


@lru_cache(maxsize=512)
def accent_of(color: str) -> Accent:
    """Both shades of ``color`` (``#rrggbb``; anything else means the default deep teal).

    The light one is read on white and carries white text; the dark one is read on dark ground and
    carries black text: 4.5 to 1 or better each, the contrast WCAG asks of body text.
    """
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color or ""):
        color = DEFAULT
    return Accent(
        light=_moved(color.lower(), away_from=_LIGHT_CANVAS, step=-_STEP),
        dark=_moved(color.lower(), away_from=_DARK_RAISED, step=_STEP),
    )


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _moved(color: str, *, away_from: str, step: float) -> str:
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    while contrast(color, away_from) < READABLE and 0 <= lightness + step <= 1:
        lightness += step
        red, green, blue = colorsys.hls_to_rgb(hue, lightness, saturation)
        color = "#" + "".join(f"{round(channel * 255):02x}" for channel in (red, green, blue))
    return color


def _channels(color: str) -> tuple[float, float, float]:
    return (int(color[1:3], 16) / 255, int(color[3:5], 16) / 255, int(color[5:7], 16) / 255)


def _luminance(color: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in _channels(color)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
