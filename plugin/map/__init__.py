"""Between QGIS's map and the engine's coordinates: the click tool, its preview, rasters to read, layers to write."""
