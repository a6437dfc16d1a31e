"""The picture: daily mentions by tone, days not listened to shaded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from listener.digest.facts import DayTone
from listener.digest.words import Words

NEGATIVE, NEUTRAL, POSITIVE, UNSCORED = "#D55E00", "#A9B4C0", "#0072B2", "#E3E7EC"  # after Okabe and Ito
INK, GRID, GAP, GAP_LINES = "#3B4754", "#E6E9ED", "#F4F5F7", "#B4BCC6"
SHADED_BELOW = 0.5  # coverage
LONGEST = 90  # days
LETTERED = 14  # days in the plain part
MOST_LETTERS = 40


def together(series: Iterable[Sequence[DayTone]]) -> tuple[DayTone, ...]:
    """Several products' days added up; None where none of them was listened to. At most the last 90 days."""
    by_day: dict[date, list[DayTone]] = defaultdict(list)
    for day in (day for days in series for day in days):
        by_day[day.day].append(day)
    if not by_day:
        return ()
    last = max(by_day)
    first = max(min(by_day), last - timedelta(days=LONGEST - 1))
    return tuple(_sum(day, by_day.get(day, [])) for day in _days(first, last))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _sum(day: date, parts: Sequence[DayTone]) -> DayTone:
    heard = [part for part in parts if part.mentions is not None]
    coverage = [part.coverage for part in parts if part.coverage is not None]
    return DayTone(
        day=day,
        mentions=sum(part.mentions or 0 for part in heard) if heard else None,
        negative=sum(part.negative for part in heard),
        neutral=sum(part.neutral for part in heard),
        positive=sum(part.positive for part in heard),
        coverage=sum(coverage) / len(coverage) if coverage else None,
    )


def gap(day: DayTone) -> bool:
    """Whether the day was mostly not listened to."""
    return day.mentions is None or (day.coverage is not None and day.coverage < SHADED_BELOW)


def picture(days: Sequence[DayTone], words: Words) -> bytes:
    """PNG of the stacked daily mentions, readable at the width of a telephone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.1, 2.2), dpi=260, layout="constrained", facecolor="white")
    canvas: Any = FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    _stack(axes, days, words)
    _shade(axes, days, words)
    _dress(axes, days, words)
    out = BytesIO()
    canvas.print_png(out, metadata={"Software": None})
    return out.getvalue()


def _shade(axes: Any, days: Sequence[DayTone], words: Words) -> None:
    label = words("unheard")
    for number, day in enumerate(days):
        if gap(day):
            axes.axvspan(
                number - 0.5, number + 0.5, facecolor=GAP, edgecolor=GAP_LINES, hatch="////",
                hatch_linewidth=0.6, linewidth=0, zorder=1.5, label=label,
            )  # fmt: skip
            label = "_again"


def _stack(axes: Any, days: Sequence[DayTone], words: Words) -> None:
    layers = {
        "negative": (NEGATIVE, [day.negative for day in days]),
        "neutral": (NEUTRAL, [day.neutral for day in days]),
        "positive": (POSITIVE, [day.positive for day in days]),
        "unscored": (UNSCORED, [_unscored(day) for day in days]),
    }
    bottom = [0] * len(days)
    for name, (colour, counts) in layers.items():
        if any(counts):
            axes.bar(range(len(days)), counts, 0.82, bottom, color=colour, label=words(name), zorder=2)
        bottom = [below + count for below, count in zip(bottom, counts, strict=True)]
    axes.set_ylim(0, max(3, max(bottom) * 1.08))


def _unscored(day: DayTone) -> int:
    return max(0, (day.mentions or 0) - day.negative - day.neutral - day.positive)


def _dress(axes: Any, days: Sequence[DayTone], words: Words) -> None:
    from matplotlib.ticker import MaxNLocator

    ticks = _ticks(days)
    axes.set_xlim(-0.7, len(days) - 0.3)
    axes.set_xticks(ticks, [words.day(days[tick].day, "plain") for tick in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.tick_params(labelsize=9, colors=INK, length=0)
    axes.grid(axis="y", color=GRID, linewidth=0.8, zorder=1)
    axes.set_axisbelow(True)
    for side in ("top", "left", "right"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(INK)
    _explain(axes, last=words("unheard"))


def _explain(axes: Any, last: str) -> None:
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(labels)), key=lambda place: labels[place] == last)
    if order:
        axes.figure.legend(
            handles=[handles[place] for place in order],
            labels=[labels[place] for place in order],
            loc="outside upper left",
            ncols=5,
            frameon=False,
            fontsize=9,
            labelcolor=INK,
            handlelength=0.9,
            handleheight=0.9,
            columnspacing=1.1,
            handletextpad=0.4,
            borderpad=0,
        )


def lines(days: Sequence[DayTone], words: Words) -> list[str]:
    """The last two weeks of the picture in letters."""
    latest = days[-LETTERED:]
    scale = max([MOST_LETTERS, *(day.mentions or 0 for day in latest)]) / MOST_LETTERS
    names = [words.day(day.day) for day in latest]
    return [
        f"{name:<{max(map(len, names))}} {_lettered(day, scale, words)}"
        for name, day in zip(names, latest, strict=True)
    ]


def _lettered(day: DayTone, scale: float, words: Words) -> str:
    if day.mentions is None:
        return f"    {words('unheard')}"
    bar = "#" * max(bool(day.mentions), round(day.mentions / scale))
    return f"{day.mentions:>4} {bar}{' (' + words('partly_heard') + ')' if gap(day) else ''}".rstrip()


def _ticks(days: Sequence[DayTone]) -> list[int]:
    step = max(1, round((len(days) - 1) / 4))
    return list(range(len(days) - 1, -1, -step))[::-1]


def description(days: Sequence[DayTone], words: Words) -> str:
    """What the picture shows, for those who do not see it."""
    first, last = words.day(days[0].day, "plain"), words.day(days[-1].day, "plain")
    peak = max(days, key=lambda day: day.mentions or 0)
    shown = words("picture_empty", first=first, last=last)
    if peak.mentions:
        shown = words(
            "picture_alt", first=first, last=last, peak=peak.mentions, day=words.day(peak.day, "plain")
        )
    gaps = sum(map(gap, days))
    return f"{shown} {words('picture_gaps', n=gaps)}" if gaps else shown
