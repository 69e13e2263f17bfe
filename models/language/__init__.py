"""How a person's words become a query: tokens, measures, tables of words, pieces, and what they add up to."""
