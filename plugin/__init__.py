"""The half of Rasterscribe that runs inside QGIS: layers, map tools, panels, and the keeper of the engine."""
