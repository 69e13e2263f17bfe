"""The squares of a raster, how much each shows what is looked for, and the map of that."""
