"""The exports: one module for each kind of JSON document. `kit.export` declares them."""
