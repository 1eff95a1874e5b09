"""Resources outside the asset graph: sources of facts, warehouses and the object store."""
