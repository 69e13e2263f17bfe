"""The analyst's own models: where they are, and how they come there."""
