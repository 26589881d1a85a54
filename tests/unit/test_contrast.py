"""The default theme's colours, measured: readable at every size, comfortable for body text, in both schemes."""

from __future__ import annotations

import re

import pytest

from quarterdeck.project.resources import asset_file

PAIR = re.compile(r"--qd-([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)")
GROUND = re.compile(r"\.qd-bg-(\d+) \{\s*background: (#[0-9a-f]{6})")
AA, AAA = 4.5, 7.0


def pairs(*names: str) -> dict[str, tuple[str, str]]:
    text = "".join(asset_file(name).read_text("utf-8") for name in names)
    return {name: (light, dark) for name, light, dark in PAIR.findall(text)}


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_theme_colours_are_readable(scheme: int) -> None:
    tokens = pairs("themes/quarterdeck/tokens.css")
    for ground in ("paper", "surface"):
        for ink in ("ink", "quiet", "accent", "signal", "good", "bad"):
            found = contrast(tokens[ink][scheme], tokens[ground][scheme])
            assert found >= AA, f"{ink} on {ground}: {found:.2f}"
    for ink in ("ink", "quiet"):
        assert contrast(tokens[ink][scheme], tokens["paper"][scheme]) >= AAA, ink


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_terminal_colours_are_readable_on_the_window(scheme: int) -> None:
    tokens = pairs("css/terminal.css")
    window = tokens["term-ground"][scheme]
    low = {n: round(contrast(tokens[f"ansi-{n}"][scheme], window), 2) for n in range(16)}
    assert {n: found for n, found in low.items() if found < AA} == {}


def test_terminal_grounds_carry_black_and_white() -> None:
    grounds = dict(GROUND.findall(asset_file("css/terminal.css").read_text("utf-8")))
    assert len(grounds) == 16
    for number in [*range(1, 8), *range(9, 15)]:
        ground = grounds[str(number)]
        assert min(contrast(ground, "#ffffff"), contrast(ground, "#000000")) >= AA, (number, ground)


def test_sections_are_white_on_the_light_accent() -> None:
    light, _ = pairs("themes/quarterdeck/tokens.css")["accent"]
    assert contrast(light, "#ffffff") >= AA
