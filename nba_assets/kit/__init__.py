"""How to declare tables and exports: contracts, calendar, history, and the assets made from declarations."""
