"""Small Ibis expressions that several tables share."""
