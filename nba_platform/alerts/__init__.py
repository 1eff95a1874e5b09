"""What somebody should hear of without looking: conditions, the messages they make, and the ways these travel."""
