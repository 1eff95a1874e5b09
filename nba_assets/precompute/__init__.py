"""Phase 4: what the past says of tonight, for teams, players and the two together; never a game of the date itself."""
