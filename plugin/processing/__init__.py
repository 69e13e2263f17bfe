"""Rasterscribe for QGIS's Processing: in the toolbox, in models, in batches, and from a shell by ``qgis_process``."""
