"""A company's colour, made readable: darkened or lightened until text on it and in it can be read."""

import colorsys
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "#0f6b66"
READABLE = 4.5
_LIGHT_CANVAS = "#f4f6f6"
_DARK_RAISED = "#23282b"
_STEPS = 50
_CALM = 0.45


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
        light=_darkened(color.lower()),
        dark=_lightened(color),
    )


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two ``#rrggbb`` colours, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _darkened(color: str) -> str:
    """``color`` mixed with black, only as far as reading it on light ground asks for."""
    channels = _channels(color)
    return _first_readable(
        _LIGHT_CANVAS, ([c * (1 - step / _STEPS) for c in channels] for step in range(_STEPS + 1))
    )


def _lightened(color: str) -> str:
    """The hue of ``color``, calmer and as light as reading it on dark ground asks for."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(color))
    shades = (lightness + (1 - lightness) * step / _STEPS for step in range(_STEPS + 1))
    calm = min(saturation, _CALM)
    return _first_readable(_DARK_RAISED, (colorsys.hls_to_rgb(hue, shade, calm) for shade in shades))


def _first_readable(ground: str, shades: Iterable[Iterable[float]]) -> str:
    color = ground
    for shade in shades:
        color = "#" + "".join(f"{round(channel * 255):02x}" for channel in shade)
        if contrast(color, ground) >= READABLE:
            break
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
