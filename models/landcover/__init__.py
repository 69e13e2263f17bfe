"""From classes of pixels to a class raster, and to polygons that share their borders."""
