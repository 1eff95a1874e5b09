"""Everything outside the graph: where facts come from and where tables are kept."""
