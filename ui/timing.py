"""How long a run still takes, from its progress; how long it will take, from earlier runs."""

from __future__ import annotations

from collections import deque

from .settings import Settings

_WINDOW = 20.0
_FIRST_ANSWER = 1.5
_SMALLEST_STEP = 1.0
_REACH = 20


class TimeLeft:
    """Seconds left, from the pace of the last :data:`_WINDOW` seconds.

    The recent pace rather than the whole run's: loading a model says nothing of mapping.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, float]] = deque()

    def update(self, now: float, percent: float) -> float | None:
        """Tell the progress at a time; answers seconds left, None while there is no telling.

        Args:
            now: seconds of a steady clock.
            percent: 0 to 100; a step back starts over (a new stage).
        """
        if self._seen and percent < self._seen[-1][1]:
            self._seen.clear()
        self._seen.append((now, percent))
        while len(self._seen) > 2 and now - self._seen[0][0] > _WINDOW:
            self._seen.popleft()
        begin, first = self._seen[0]
        if now - begin < _FIRST_ANSWER or percent - first < _SMALLEST_STEP:
            return None
        return (100.0 - percent) * (now - begin) / (percent - first)


def remember_speed(settings: Settings, key: str, pixels: int, seconds: float) -> None:
    """Keep the pixels a second of a task and model on this machine, and how far that was seen.

    A slower run counts half: it may have been the first, which loads libraries and weights.
    """
    if key and pixels > 0 and seconds > 0:
        before, speed = settings.number(f"speed/{key}", 0.0), pixels / seconds
        settings.set(f"speed/{key}", max(speed, (before + speed) / 2))
        settings.set(f"reach/{key}", max(pixels, settings.number(f"reach/{key}", 0.0)))


def expected_seconds(settings: Settings, key: str, pixels: int) -> float | None:
    """Seconds that a run will take if it goes like the earlier ones.

    None where there were none, or only far smaller ones, whose time is mostly not the pixels'.
    """
    speed = settings.number(f"speed/{key}", 0.0) if key else 0.0
    if speed <= 0 or not 0 < pixels <= _REACH * settings.number(f"reach/{key}", 0.0):
        return None
    return pixels / speed
