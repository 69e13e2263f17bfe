"""How what changed looks in QGIS: each kind of change in its colour, and what was not compared hatched in grey."""

from __future__ import annotations

from ..classes import KIND_COLOURS, OTHER_COLOUR
from ..objects.styles import qml

HATCHED = "b_diagonal"  # QGIS's name for strokes from the lower left to the upper right
# Why ground was not compared.
NO_DATA, CLOUDS = "no data", "clouds or their shadows"
# White that cannot be seen to the red of what surely changed.
RAMP = ((0.0, "#ffffff", 0), (0.25, "#fee0d2", 90), (0.5, "#fc9272", 190), (0.75, "#de2d26", 235), (1.0, "#67000d", 255))


def changes_style() -> str:
    """Of the table `changes`, by its field `kind`."""
    return qml(KIND_COLOURS, "kind")


def gaps_style() -> str:
    """Of the table `not_compared`, by its field `reason`."""
    return qml(dict.fromkeys((NO_DATA, CLOUDS), OTHER_COLOUR), "reason", HATCHED)


def probability_style() -> str:
    """Of a raster whose one band is how likely each pixel has changed, 0..1."""
    items = "".join(f'<item value="{at:g}" color="{colour}" alpha="{alpha}" label="{at:.0%}"/>' for at, colour, alpha in RAMP)
    shader = (
        '<rastershader><colorrampshader colorRampType="INTERPOLATED" classificationMode="1" clip="0" minimumValue="0" maximumValue="1">'
        f"{items}</colorrampshader></rastershader>"
    )
    kind = 'type="singlebandpseudocolor" band="1" alphaBand="-1" opacity="1" nodataColor="" classificationMin="0" classificationMax="1"'
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        f'<qgis styleCategories="Symbology"><pipe><rasterrenderer {kind}>{shader}</rasterrenderer></pipe></qgis>\n'
    )
