"""Phase 3: games, teams and players summed up, and what is known of tonight before it is played."""
