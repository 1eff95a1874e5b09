"""Phase 2: rows as sources delivered them, typed, named and matched to the schedule."""
