"""Phase 2: what sources published, typed and named, and matched to the schedule; nothing is computed from it yet."""
