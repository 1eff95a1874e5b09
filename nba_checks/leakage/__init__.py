"""Checks that nothing leaks: replays of past dates, and alarms on results too good to be true."""
