"""The words of a phrase that name no thing of the map and relate none: attributes, ranks, joints, and words that say nothing.

docs/phrases.md tells the user what is here.
"""

from __future__ import annotations

from .tokens import Table, listed, same

TOP = 5  # "the largest ponds", without a number

# From how many square metres a thing of a class is large, and up to how many it is small
LARGE_M2 = {
    "building": 300.0, "tree": 50.0, "vegetation": 1000.0, "forest": 10_000.0, "road": 2000.0, "water": 5000.0, "marsh": 5000.0,
    "field": 20_000.0, "sand": 2000.0, "solar panel": 100.0, "car": 12.0,
}  # fmt: skip
SMALL_M2 = {
    "building": 60.0, "tree": 10.0, "vegetation": 100.0, "forest": 2000.0, "road": 200.0, "water": 500.0, "marsh": 500.0,
    "field": 2500.0, "sand": 200.0, "solar panel": 10.0, "car": 6.0,
}  # fmt: skip

LARGE = "large, large sized, big, big sized, huge, enormous, giant, gigantic, massive, vast, sizeable, sizable, extensive"
SMALL = "small, small sized, tiny, little, mini, miniature"
MEDIUM = "medium, medium size, medium sized, mid size, mid sized, midsize, midsized, average sized"
ROUND = "round, rounded, roundish, round shaped, circular, circular shaped, circle shaped, disc shaped, disk shaped, ring shaped"
ELONGATED = "elongated, elongate, long, narrow, linear, thin, slender, slim, oblong, stretched, stretched out, strip shaped, ribbon like"
RECTANGULAR = "rectangular, rectangle shaped, box shaped, boxy, right angled"
BRIGHT = """
    bright, bright coloured, bright colored, brightly coloured, light, light coloured, light colored, white, whitish, pale, bright roofed,
    light roofed, white roofed
"""
DARK = "dark, dark coloured, dark colored, darkly coloured, black, blackish, dark roofed, black roofed"
GREEN = "green, greenish, green coloured, green colored, green roofed, verdant"
# (what is meant, which of it)
ATTRIBUTES = Table(
    same(listed(LARGE), ("size", "large"))
    | same(listed(SMALL), ("size", "small"))
    | same(listed(MEDIUM), ("size", "medium"))
    | same(listed(ROUND), ("shape", "round"))
    | same(listed(ELONGATED), ("shape", "elongated"))
    | same(listed(RECTANGULAR), ("shape", "rectangular"))
    | same(listed(BRIGHT), ("tone", "bright"))
    | same(listed(DARK), ("tone", "dark"))
    | same(listed(GREEN), ("tone", "green"))
)
AGAINST = ({"bright", "dark"}, {"round", "elongated"}, {"large", "small"}, {"large", "medium"}, {"small", "medium"})

# (by, order)
SUPERLATIVES = Table(
    same(listed("largest, biggest, hugest, greatest, most extensive, most expansive"), ("area", "largest"))
    | same(listed("smallest, tiniest, littlest, least extensive"), ("area", "smallest"))
    | same(listed("longest"), ("length", "largest"))
    | same(listed("shortest"), ("length", "smallest"))
    | same(listed("roundest, most round, most rounded, most circular"), ("roundness", "largest"))
    | same(listed("least round, least circular"), ("roundness", "smallest"))
    | same(listed("most elongated, most linear, most narrow, narrowest, thinnest, slimmest"), ("elongation", "largest"))
    | same(listed("least elongated, most compact"), ("elongation", "smallest"))
    | same(listed("brightest, most bright, lightest, whitest, palest"), ("brightness", "largest"))
    | same(listed("darkest, most dark, blackest, dimmest"), ("brightness", "smallest"))
    | same(listed("greenest, most green"), ("greenness", "largest"))
    | same(listed("least green"), ("greenness", "smallest"))
)
AREAS = "area, size, surface, surface area, footprint, extent, ground area"
AREA_NOUNS = Table(same(listed(AREAS), None))
BY = Table(
    same((f"{how} {name}" for how in ("by", "in", "by their", "in terms of", "according to", "ranked by") for name in listed(AREAS)), None)
)

NEGATIONS = Table(
    same(
        listed("""
            not, no, non, never, not any, dont, do not, does not, doesnt, arent, are not, isnt, is not, neither, but not, but no, minus,
            except, except for, excepting, excluding, exclude, not including, other than, apart from, rather than, instead of, leave out,
            leaving out, ignore, ignoring, dont want, do not want, dont show, do not show
        """),
        None,
    )
)
AND = "and, and also, also, plus, as well as, along with, together with, in addition to, including, but, then, while"
JOINTS = Table(
    same(listed(AND), "and")
    | same(("or", "or else", "either", "and / or", "/"), "or")
    | same((",", ".", ";", "&", "+", "?", "!"), ",")
    | same(("nor",), "nor")
)

# What begins a new wish
ASK = """
    show, show me, find, find me, get, get me, give, give me, map, map out, detect, locate, identify, extract, outline, segment, mark,
    highlight, select, list, search, search for, look at, look for, looking for, display, count, digitize, digitise, vectorize, vectorise,
    draw, trace, delineate, pick, pick out, want, want to see, need, would like, id like, please, pls, kindly, where, what, which,
    how many, all, all of the, any, any of the, every, each, each of the, number of, the number of, lots of, plenty of,
    everything that is
"""
ARTICLES = "the, a, an, this, that, these, those, its, their, his, her, my, our, your, the single, one of the, some of the"
NOTHING = """
    some, of, to, for, there, here, they, who, whose, i, im, me, we, us, you, is, are, was, were, be, being, been, do, does, have, has,
    had, can, could, would, will, shall, should, must, let, lets, like, just, only, both, one, ones, too, and then, i want, i need,
    i would like, if any, if possible, thanks, thank you, hello, hi, located, situated, placed, positioned, found, lying, lie, lies,
    standing, stand, stands, sit, sits, sitting, directly, immediately, right, visible, everywhere, anywhere, fairly, quite, rather,
    relatively, somewhat, more or less, roughly, shape, shapes, shaped, a shape, in shape, in form, tone, in tone, color, colour, colored,
    coloured, in color, in colour, area of, areas of, patches of, parts of, stretches of, groups of, clusters of, rows of, lines of,
    blocks of, pieces of, kinds of, types of, instances of, outline of, outlines of, the outlines of, polygons of, footprints of,
    the location of, locations of, the edge of, the edges of, the border of, the boundary of, what is
"""
PICTURES = (
    "image, imagery, scene, raster, picture, photo, photograph, map, area, view, extent, region, window, screen, canvas, aoi, tile, frame"
)
IN_PICTURE = """
    in the, in this, in my, in our, on the, on this, of this, within the, within this, across the, in the current, in the whole,
    in the entire
"""
HERE = """
    in view, on the ground, in the study area, in the area of interest, in this block, in the block, in this part, in this place,
    in this district, in this neighbourhood, in this neighborhood, in this village, in this town, in this city
"""
# What they are for the reader: the start of a new wish, an article, what stands for a thing said before, or nothing
FILLERS = Table(
    same(listed(ASK), "ask")
    | same(listed(ARTICLES), "the")
    | same(("it", "them"), "it")
    | same(listed(NOTHING), "")
    | same(("-", ":", "(", ")", "="), "")
    | same((f"{lead} {name}" for lead in listed(IN_PICTURE) for name in listed(PICTURES)), "")
    | same(listed(HERE), "")
)

# They tell things of one class apart by what an outline and its pixels do not show, so they are said to be not understood
QUALITIES = frozenset(
    "abandoned active ancient beige blue brown burned burnt busy clean clear collapsed damaged dead deep degraded demolished dense "
    "derelict destroyed dirty diseased disused dry dusty dying empty fallen felled flat flooded frozen golden gray grey healthy "
    "heritage high historic historical illegal infested intact isolated leafless listed lone low lush mature modern moving muddy murky "
    "neglected new newly old overflowing overgrown pink polluted pristine purple quiet red ruined scattered shady shallow short sloping "
    "solitary sparse sparsely square stagnant stationary steep stopped straight stressed tall temporary thick tilted turbid turquoise "
    "unfinished unplanted used vacant veteran vintage wet wide wild winding wrecked yellow young".split()
)
