"""Training: learners, gates, the registry and promotion."""
