"""Phase 4: features of teams, players and match-ups from earlier games only."""
