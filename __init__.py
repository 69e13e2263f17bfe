"""Rasterscribe: point at an object on a raster and get its outline."""


def classFactory(iface):  # type: ignore[no-untyped-def]  # noqa: N802
    """QGIS's door to the plugin."""
    from .plugin.main import Plugin

    return Plugin(iface)
