"""What a click asks and which view answers it."""
