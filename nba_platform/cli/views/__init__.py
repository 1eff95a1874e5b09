"""Results that commands print, one module each: what is read, its JSON and its page."""
