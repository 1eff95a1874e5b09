"""Automation: the conditions of derived tables, and the sensor that evaluates them."""
