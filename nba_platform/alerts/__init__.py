"""Alerts: conditions, the messages they cause, and the channels that deliver them."""
