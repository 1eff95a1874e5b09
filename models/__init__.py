"""Plain Python on frames; knows nothing of the orchestrator."""
