"""The curves as a picture: recall over everyday alarms, and what scores promise against what they
keep. Plain SVG.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from math import log10

COLORS = ("#0969da", "#cf222e", "#8250df")
WIDTH, HEIGHT, MARGIN = 460, 360, 56
Curve = Sequence[tuple[float, float]]


def drawn(recalls: Mapping[str, Curve], bins: Sequence[tuple[float, float, int]]) -> str:
    """Both pictures side by side."""
    left = _axes(
        "everyday changes alarming",
        "recall, all kinds",
        [(x, _decade(x), f"{x:.2%}") for x in (1e-4, 1e-3, 1e-2, 5e-2)],
    )
    for color, curve in zip(COLORS, recalls.values(), strict=False):
        left += _line([(_decade(x), y) for x, y in curve if x > 0], color)
    left += _legend(recalls)
    right = _axes("score", "right", [(x / 5, x / 5, f"{x / 5:.1f}") for x in range(6)])
    right += _line([(0, 0), (1, 1)], "#d0d7de")
    right += _line([(promised, true) for promised, true, _ in bins], COLORS[0])
    right += "".join(_dot(promised, true, count) for promised, true, count in bins)
    size = f'width="{2 * WIDTH}" height="{HEIGHT}"'
    paper = '<rect width="100%" height="100%" fill="#ffffff"/>'
    body = f'{paper}<g>{left}</g><g transform="translate({WIDTH} 0)">{right}</g>'
    font = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{body}</svg>\n'


def _decade(share: float) -> float:
    """0.01% at the left, 5% at the right, by the logarithm."""
    return (log10(max(share, 1e-4)) + 4) / (log10(0.05) + 4)


def _at(x: float, y: float) -> tuple[float, float]:
    return MARGIN + x * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN)


def _axes(below: str, beside: str, ticks: Iterable[tuple[float, float, str]]) -> str:
    parts = [
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 12}" text-anchor="middle">{escape(below)}</text>',
        f'<text x="{MARGIN}" y="{MARGIN - 16}">{escape(beside)}</text>',
    ]
    for step in range(6):
        (left, y), (right, _) = _at(0, step / 5), _at(1, step / 5)
        parts.append(
            f'<path d="M{left} {y}H{right}" stroke="#eaeef2"/>'
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{step / 5:.1f}</text>'
        )
    for _, place, text in ticks:
        x, y = _at(place, 0)
        parts.append(f'<text x="{x}" y="{y + 18}" text-anchor="middle">{text}</text>')
    return "".join(parts)


def _line(points: Iterable[tuple[float, float]], color: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (_at(*point) for point in points))
    return f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="2"/>'


def _dot(promised: float, true: float, count: int) -> str:
    x, y = _at(promised, true)
    radius = 2 + min(6, log10(max(1, count)) * 2)
    place = f'cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}"'
    return f'<circle {place} fill="{COLORS[0]}"><title>{count}</title></circle>'


def _legend(names: Iterable[str]) -> str:
    left, y = WIDTH - MARGIN, HEIGHT - MARGIN - 12
    lines = ""
    for color, name in zip(COLORS, names, strict=False):
        place = f'x="{left}" y="{y}" text-anchor="end"'
        lines += f'<text {place} fill="{color}">{escape(name)}</text>'
        y -= 16
    return lines
