"""Where facts come from: a simulated league, an archive of files, live providers, all behind one interface."""
