"""The engine as seen from QGIS: where it is installed, how it gets there, and the line that talks to it."""
