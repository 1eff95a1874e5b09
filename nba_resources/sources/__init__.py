"""Sources of facts: the simulated league, an archive of files, and live providers, with one interface."""
