"""What the platform knows of itself: tables about tables."""
