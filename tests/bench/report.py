"""From measured rounds to a table and a verdict. Arithmetic only."""

from dataclasses import dataclass, field
from statistics import median

NOISE_MOST = 0.25  # of the base's CPU per request: beyond it the result says nothing
BASE = "minimal list"


@dataclass
class Measured:
    """One target over all rounds, in order."""

    name: str
    ceiling: str = ""  # name of what it is compared with
    cpu_ms: list[float] = field(default_factory=list)  # of workers and database, a request
    rate: list[float] = field(default_factory=list)  # requests a second

    def noise(self) -> float:
        """How far from the median three rounds in four stay, as a part of the median."""
        middle = median(self.cpu_ms)
        away = sorted(abs(value - middle) / middle for value in self.cpu_ms)
        return away[len(away) * 3 // 4]


def ratios(target: Measured, other: Measured) -> list[float]:
    """CPU of the first in units of the second, round by round: both met the same noise."""
    return [mine / its for mine, its in zip(target.cpu_ms, other.cpu_ms, strict=True)]


def table(measured: dict[str, Measured]) -> list[str]:
    """A line for each target."""
    lines = [
        f"{'':<26}{'CPU ms a request':<28}{'ratio to its ceiling':<40}{'requests/s':>11}",
        f"{'':<26}{'median':>6}  {'lowest-highest':<20}{'median':>6}  {'lowest-highest':<32}{'median':>11}",
    ]
    for target in measured.values():
        line = f"{target.name:<26}{median(target.cpu_ms):6.2f}  "
        line += f"{f'{min(target.cpu_ms):.2f}-{max(target.cpu_ms):.2f}':<20}"
        compared = ""
        if target.ceiling:
            each = ratios(target, measured[target.ceiling])
            line += f"{median(each):6.2f}  "
            compared = f"{min(each):.2f}-{max(each):.2f} x {target.ceiling}"
        else:
            line += " " * 8
        lines.append(f"{line}{compared:<32}{median(target.rate):11.0f}")
    return lines


@dataclass(frozen=True)
class Floor:
    """One promise and what was measured of it."""

    text: str
    value: float
    kept: bool

    def __str__(self) -> str:
        value = self.value if isinstance(self.value, int) else f"{self.value:.2f}"
        return f"{'pass' if self.kept else 'FAIL'}  {self.text}: {value}"


def floors(measured: dict[str, Measured], queries: dict[str, int]) -> list[Floor]:
    """What the hub promises (docs/bench.md), against this run."""
    found = []
    for name, most in (("event list", 1.6), ("event page", 2.0)):
        target = measured[name]
        ratio = median(ratios(target, measured[target.ceiling]))
        found.append(Floor(f"{name}, CPU at most {most} x {target.ceiling}", ratio, ratio <= most))
    for name, key in (("event list", "list"), ("event page", "event")):
        found.append(Floor(f"{name}, queries at most 4", queries[key], queries[key] <= 4))
    for name, key in (("committee page", "committee"), ("day of action", "day"), ("queue", "queue")):
        found.append(Floor(f"{name}, queries at most 5", queries[key], queries[key] <= 5))
    many = median(ratios(measured["appeal, 100,000"], measured["appeal, 100 signatures"]))
    found.append(Floor("appeal with 100,000 signatures, CPU at most 1.2 x with 100", many, many <= 1.2))
    by_event = median(ratios(measured["appeal, 100,000"], measured["event page"]))
    found.append(Floor("appeal, CPU at most 1.5 x event page", by_event, by_event <= 1.5))
    found.append(Floor("appeal, queries at most 4", queries["appeal-many"], queries["appeal-many"] <= 4))
    signing = median(ratios(measured["signing"], measured["RSVP seated, spread"]))
    found.append(Floor("signing, CPU at most that of an RSVP with an address", signing, signing <= 1.0))
    for kind in ("open", "seated"):
        hot, spread = measured[f"RSVP {kind}, hot"], measured[f"RSVP {kind}, spread"]
        share = median(ratios(measured[spread.ceiling], spread))
        found.append(Floor(f"{spread.name}, speed at least 0.4 x {spread.ceiling}", share, share >= 0.4))
        by_cpu = median(ratios(spread, hot))
        found.append(Floor(f"{hot.name}, CPU speed at least 0.9 x spread", by_cpu, by_cpu >= 0.9))
        # Waiting for a lock costs no CPU, so here the clock is looked at too. It is noisy: only where
        # three rounds in four are below the floor is it missed.
        by_clock = sorted(mine / its for mine, its in zip(hot.rate, spread.rate, strict=True))
        kept = by_clock[len(by_clock) * 3 // 4] >= 0.9
        found.append(Floor(f"{hot.name}, requests/s at least 0.9 x spread", median(by_clock), kept))
    return found
