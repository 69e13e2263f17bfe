"""The style that a GeoPackage brings along: a colour for each class, as QGIS keeps it in the table `layer_styles`."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from ..classes import OTHER_COLOUR

NAME = "rasterscribe"  # what the plugin calls the style that it stores
SOLID = "solid"  # QGIS's name of it
FILL = 90  # opacity of 255: the imagery beneath stays readable

DOCUMENT = """<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <renderer-v2 type="categorizedSymbol" attr="{attribute}" symbollevels="0" enableorderby="0" forceraster="0">
  <categories>
{categories}
  </categories>
  <symbols>
{symbols}
  </symbols>
 </renderer-v2>
 <layerGeometryType>2</layerGeometryType>
</qgis>
"""
CATEGORY = '   <category render="true" symbol="{number}" value="{name}" label="{label}" type="string"/>'
OTHERS = "all others"  # label of what has none of the classes, whose name is ""
SYMBOL = """   <symbol type="fill" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0">
     <Option type="Map">
      <Option type="QString" name="color" value="{colour},{fill}"/>
      <Option type="QString" name="style" value="{pattern}"/>
      <Option type="QString" name="outline_color" value="{colour},255"/>
      <Option type="QString" name="outline_style" value="solid"/>
      <Option type="QString" name="outline_width" value="0.5"/>
      <Option type="QString" name="outline_width_unit" value="MM"/>
      <Option type="QString" name="joinstyle" value="round"/>
     </Option>
    </layer>
   </symbol>"""


def qml(colours: Mapping[str, str], attribute: str = "class", pattern: str = SOLID) -> str:
    """QGIS's style document for polygons whose field `attribute` has these values, each in its colour ("#rrggbb").

    The name "" stands for all others. They are left out where it is not given, and are all there is where nothing is. pattern: QGIS's name
    of how they are filled.
    """
    colours = colours or {"": OTHER_COLOUR}
    named = enumerate(map(escape, colours))
    categories = [CATEGORY.format(number=number, name=name, label=name or OTHERS) for number, name in named]
    filled = {"fill": FILL if pattern == SOLID else 255, "pattern": pattern}
    symbols = [SYMBOL.format(number=number, colour=_triple(colour), **filled) for number, colour in enumerate(colours.values())]
    return DOCUMENT.format(attribute=attribute, categories="\n".join(categories), symbols="\n".join(symbols))


def _triple(colour: str) -> str:
    """ "#ff8000" as "255,128,0"."""
    return ",".join(str(int(colour[start : start + 2], 16)) for start in (1, 3, 5))
