"""Phase 3: summaries of games, and what is known of tonight's games before they are played."""
