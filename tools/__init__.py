"""What build.py does: one module a command. Standard library only, but for the modules that run in QGIS or in the engine's environment."""
