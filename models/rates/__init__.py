"""Every market by one recipe: expected minutes, a linear mean for each count, and a distribution around it."""
