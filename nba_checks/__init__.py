"""What must hold of the tables, asked of the schedule and never of the table itself."""
