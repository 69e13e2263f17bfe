"""A raster through a network, in views on a grid of its own: who looks, where, how finely, and what is kept of it."""
