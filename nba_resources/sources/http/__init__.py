"""HTTP requests to providers: rates, retries, budgets, and stored responses."""
