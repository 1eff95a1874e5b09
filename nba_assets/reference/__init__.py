"""Who and when: the registry of people, the seasons, and the names nobody could place."""
