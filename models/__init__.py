"""The engine: from a raster and a prompt to outlines on the ground.

It runs in a process of its own (`python -m models`), knows files, windows, pixels and polygons, and never imports QGIS or Qt.
"""
