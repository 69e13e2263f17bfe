"""From probability to objects: outlined, told apart, drawn by clicks, written to a GeoPackage."""
