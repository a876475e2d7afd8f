"""The bench's figures as pictures for the docs: processor time a case, by process, size and step."""

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

NAMES = {
    "prefect": ("Prefect", "#4c6ef5"),
    "workers": ("workers", "#12b886"),
    "postgres": ("PostgreSQL", "#fab005"),
    "dispatcher": ("dispatcher", "#e64980"),
    "gateway": ("gateway", "#868e96"),
}
LEFT, TOP, WIDE, HIGH, BAR = 60, 40, 640, 260, 70
WORDS_WIDE, ROW = 250, 22


def draw(sizes: Sequence[Mapping[str, Any]]) -> str:
    """An SVG: a stacked bar for each size, in the order given."""
    bars = [(int(size["cases"]), by_part(size["cpu_ms_by_process"])) for size in sizes]
    top = _round_up(max(sum(parts.values()) for _, parts in bars) * 1.05)
    step = (WIDE - LEFT) / len(bars)
    drawn = [
        _bar(LEFT + step * at + (step - BAR) / 2, cases, parts, top)
        for at, (cases, parts) in enumerate(bars)
    ]
    lines = [_line(top * part / 4, top) for part in range(5)]
    title = "Processor time a case, milliseconds, by how many cases came at once"
    return "\n".join([_head(title, TOP + HIGH + 60), *lines, *drawn, *_legend(), "</svg>", ""])


def _round_up(value: float) -> int:
    """To four hundred, so that the four lines stand at whole hundreds."""
    return math.ceil(value / 400) * 400


def by_part(by_process: Mapping[str, float]) -> dict[str, float]:
    """Workers together; what is too small to see is left out."""
    found = dict.fromkeys(NAMES, 0.0)
    for name, value in by_process.items():
        part = "workers" if name.startswith("worker") else name
        if part in found:
            found[part] += value
    return found


def steps(by_step: Mapping[str, float]) -> str:
    """An SVG: what a case costs its workers, a row for each step, the dearest first."""
    shown = sorted(by_step.items(), key=lambda row: -row[1])
    longest = shown[0][1]
    rows = [_row(TOP + ROW * at, step, value, longest) for at, (step, value) in enumerate(shown)]
    title = f"A worker's time a case, {sum(by_step.values()):.0f} ms, by step"
    return "\n".join([_head(title, TOP + ROW * len(rows)), *rows, "</svg>", ""])


def _row(y: float, step: str, value: float, longest: float) -> str:
    wide = (WIDE - WORDS_WIDE - 50) * value / longest
    return (
        f'<text x="{WORDS_WIDE - 8}" y="{y + 14}" text-anchor="end">{escape(step)}</text>'
        f'<rect x="{WORDS_WIDE}" y="{y + 2}" width="{wide:.1f}" height="{ROW - 6}" fill="#12b886"/>'
        f'<text x="{WORDS_WIDE + wide + 6:.1f}" y="{y + 14}">{value:.0f}</text>'
    )


def _head(title: str, high: int) -> str:
    size = f'viewBox="0 0 {WIDE + 20} {high + 20}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">\n'
        f'<rect width="100%" height="100%" fill="#fff"/>\n'
        f'<text x="{LEFT}" y="22" font-size="15">{escape(title)}</text>'
    )


def _bar(x: float, cases: int, parts: Mapping[str, float], top: float) -> str:
    pieces, base = [], float(TOP + HIGH)
    for name, value in parts.items():
        height = HIGH * value / top
        base -= height
        pieces.append(
            f'<rect x="{x:.0f}" y="{base:.1f}" width="{BAR}" height="{height:.1f}"'
            f' fill="{NAMES[name][1]}"><title>{escape(NAMES[name][0])}: {value:.0f} ms</title></rect>'
        )
    total = _words(x + BAR / 2, base - 6, f"{sum(parts.values()):.0f}")
    return "\n".join([*pieces, total, _words(x + BAR / 2, TOP + HIGH + 18, f"{cases} cases")])


def _words(x: float, y: float, words: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle">{escape(words)}</text>'


def _line(value: float, top: float) -> str:
    y = TOP + HIGH - HIGH * value / top
    return (
        f'<line x1="{LEFT}" y1="{y:.0f}" x2="{WIDE}" y2="{y:.0f}" stroke="#dee2e6"/>'
        f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{value:.0f}</text>'
    )


def _legend() -> list[str]:
    y = TOP + HIGH + 46
    return [
        f'<rect x="{LEFT + 118 * at}" y="{y}" width="12" height="12" fill="{colour}"/>'
        f'<text x="{LEFT + 118 * at + 18}" y="{y + 11}">{escape(words)}</text>'
        for at, (words, colour) in enumerate(NAMES.values())
    ]
