"""The documents of the website, one module for each kind; `kit.export` is how one is declared."""
