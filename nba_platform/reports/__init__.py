"""Reports, exports and generated docs made from stored tables."""
