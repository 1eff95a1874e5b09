"""Phase 5: the rows models see, and later what they say."""
