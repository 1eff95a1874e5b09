"""The one clock of a process tree: it stands still until somebody moves it, and all processes read the same time."""

import datetime as dt
import multiprocessing
from typing import Any

import time_machine


class Clock:
    """Sets the time of this process, and shares it with the processes it forks. Waiting moves it instead of waiting.

    There is one: sent to another process, it is the clock of that process.
    """

    only: "Clock"

    def __init__(self, moment: dt.datetime) -> None:
        Clock.only = self
        self._shared = multiprocessing.RawValue("d", moment.timestamp())
        self._travel = time_machine.travel(moment, tick=False)
        self._time = self._travel.start()

    def __reduce__(self) -> tuple[Any, ...]:
        return _clock, ()

    @property
    def moment(self) -> dt.datetime:
        """The time of all processes."""
        return dt.datetime.fromtimestamp(self._shared.value, dt.UTC)

    def move_to(self, moment: dt.datetime) -> None:
        """Set the time; within a month it never goes back, so a moment in the past changes nothing."""
        self.set(max(self.moment, moment))

    def set(self, moment: dt.datetime) -> None:
        """Set the time, also back: another month begins."""
        self._shared.value = moment.timestamp()
        self.follow()

    def sleep(self, seconds: float) -> None:
        """Let time pass, in place of `time.sleep`."""
        self.move_to(self.moment + dt.timedelta(seconds=seconds))

    def follow(self) -> None:
        """Take over the time that another process has set."""
        self._time.move_to(self.moment, tick=False)

    def stop(self) -> None:
        """Give this process its real time back."""
        self._travel.stop()


def _clock() -> Clock:
    return Clock.only
