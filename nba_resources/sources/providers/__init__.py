"""Live providers, one module each, with readers of their responses."""
