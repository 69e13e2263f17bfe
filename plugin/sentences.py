"""What is said of each problem, by its code: what happened, and what to do about it. {names} are filled with facts."""

from __future__ import annotations

from qgis.PyQt.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "Problem"

# fmt: off
SENTENCES: dict[str, tuple[str, str]] = {
    # what the engine reports (models/errors.py)
    "raster.missing": (
        QT_TRANSLATE_NOOP("Problem", "The raster's file is not there any more."),
        QT_TRANSLATE_NOOP("Problem", "Put the file back, or choose another raster.")),
    "raster.unreadable": (
        QT_TRANSLATE_NOOP("Problem", "The raster's pixels cannot be read: the file is damaged, cut short or no raster."),
        QT_TRANSLATE_NOOP("Problem", "Copy the file again from its source, or choose another raster.")),
    "raster.bands": (
        QT_TRANSLATE_NOOP("Problem", "The raster does not have the chosen bands."),
        QT_TRANSLATE_NOOP("Problem", "Choose one band or three of those that it has.")),
    "view.empty": (
        QT_TRANSLATE_NOOP("Problem", "The raster has no data here."),
        QT_TRANSLATE_NOOP("Problem", "Click where the raster shows something.")),
    "click.outside": (
        QT_TRANSLATE_NOOP("Problem", "That is outside the raster."),
        QT_TRANSLATE_NOOP("Problem", "Click inside the raster.")),
    "model.missing": (
        QT_TRANSLATE_NOOP("Problem", "The model's weights are not on this computer."),
        QT_TRANSLATE_NOOP("Problem", "Install the plugin again, or choose another model.")),
    "model.damaged": (
        QT_TRANSLATE_NOOP("Problem", "The model's weights file was changed or cut short."),
        QT_TRANSLATE_NOOP("Problem", "Install the plugin again, or choose another model.")),
    "memory.exhausted": (
        QT_TRANSLATE_NOOP("Problem", "The engine ran out of memory."),
        QT_TRANSLATE_NOOP("Problem", "Close other programs or zoom in, then try again.")),
    "protocol.mismatch": (
        QT_TRANSLATE_NOOP("Problem", "The plugin and its engine are of different versions."),
        QT_TRANSLATE_NOOP("Problem", "Restart QGIS, so that both come from the same version.")),
    "request.invalid": (
        QT_TRANSLATE_NOOP("Problem", "The engine could not carry out this request."),
        QT_TRANSLATE_NOOP("Problem", "Try again; if it happens again, report it with the diagnostics.")),
    "cancelled": (
        QT_TRANSLATE_NOOP("Problem", "Cancelled."),
        ""),
    "disk.full": (
        QT_TRANSLATE_NOOP("Problem", "The disk is full."),
        QT_TRANSLATE_NOOP("Problem", "Free some space, or write to another folder.")),
    "output.unwritable": (
        QT_TRANSLATE_NOOP("Problem", "The result cannot be written to this place."),
        QT_TRANSLATE_NOOP("Problem", "Choose a folder that you may write to, and close programs that hold the file open.")),
    "engine.fault": (
        QT_TRANSLATE_NOOP("Problem", "The engine met an unexpected error."),
        QT_TRANSLATE_NOOP("Problem", "Try again; if it happens again, restart the engine and report it with the diagnostics.")),
    # what the engine reports of jobs over an area
    "area.outside": (
        QT_TRANSLATE_NOOP("Problem", "The area lies outside the raster."),
        QT_TRANSLATE_NOOP("Problem", "Choose an area that the raster covers.")),
    "examples.unusable": (
        QT_TRANSLATE_NOOP("Problem", "Nothing can be learnt from the chosen examples."),
        QT_TRANSLATE_NOOP("Problem", "Choose a few typical objects on the raster, some pixels large and unlike what is around them.")),
    "area.unreadable": (
        QT_TRANSLATE_NOOP("Problem", "The file with the area has no polygons that can be read."),
        QT_TRANSLATE_NOOP("Problem", "Choose a layer or a file with polygons.")),
    # what the engine reports of two dates
    "pair.none": (
        QT_TRANSLATE_NOOP("Problem", "There is nothing to compare the raster with."),
        QT_TRANSLATE_NOOP("Problem", "Choose a raster of an earlier date, or the old map.")),
    "pair.apart": (
        QT_TRANSLATE_NOOP("Problem", "The two rasters share no ground that has data at both dates."),
        QT_TRANSLATE_NOOP("Problem", "Choose two rasters of the same place, and check that each has the right CRS.")),
    "pair.same": (
        QT_TRANSLATE_NOOP("Problem", "Before and after are the same file."),
        QT_TRANSLATE_NOOP("Problem", "Choose the raster of another date as one of them.")),
    "pair.order": (
        QT_TRANSLATE_NOOP("Problem", "What is chosen as before ({before}) is newer than what is chosen as after ({after})."),
        QT_TRANSLATE_NOOP("Problem", "Swap them, or correct the dates.")),
    "date.unknown": (
        QT_TRANSLATE_NOOP("Problem", "{date} is no date."),
        QT_TRANSLATE_NOOP("Problem", "Write a date as 2012, 2012-07 or 2012-07-31.")),
    "pair.scale": (
        QT_TRANSLATE_NOOP("Problem", "The pixels of one raster are more than eight times as large as the other's."),
        QT_TRANSLATE_NOOP("Problem", "Choose rasters of about the same resolution.")),
    "pair.bands": (
        QT_TRANSLATE_NOOP("Problem", "The rasters' bands cannot be compared: only one is in colour, or the method needs more of them."),
        QT_TRANSLATE_NOOP("Problem", "Choose as many bands of both in the layers' properties, or another method.")),
    "pair.unplaced": (
        QT_TRANSLATE_NOOP("Problem", "One of the two rasters has no CRS, so nobody knows how they lie to each other."),
        QT_TRANSLATE_NOOP("Problem", "Give it the right one with Assign Projection, and choose the result.")),
    "method.images": (
        QT_TRANSLATE_NOOP("Problem", "The chosen method compares two images, and there is only the old map to compare with."),
        QT_TRANSLATE_NOOP("Problem", "Choose a raster of an earlier date, or leave the method to Rasterscribe.")),
    "method.map": (
        QT_TRANSLATE_NOOP("Problem", "The chosen method compares with the old map, and there is none."),
        QT_TRANSLATE_NOOP("Problem", "Choose the old map, or another method.")),
    "probability.images": (
        QT_TRANSLATE_NOOP("Problem", "The old map alone does not say how likely each pixel has changed."),
        QT_TRANSLATE_NOOP("Problem", "Choose a raster of an earlier date, or leave the probability out.")),
    "map.empty": (
        QT_TRANSLATE_NOOP("Problem", "The old map has no polygons in the area."),
        QT_TRANSLATE_NOOP("Problem", "Choose a layer with polygons there, or compare without a map.")),
    "map.gone": (
        QT_TRANSLATE_NOOP("Problem", "The layer with the old map is not in the project any more."),
        QT_TRANSLATE_NOOP("Problem", "Choose another layer, or compare without a map.")),
    "map.field": (
        QT_TRANSLATE_NOOP("Problem", "The old map's field is missing, or none of its values names a known class."),
        QT_TRANSLATE_NOOP("Problem", "Choose the field that names the class of each polygon, or say what all of them are.")),
    "model.foreign": (
        QT_TRANSLATE_NOOP("Problem", "The file holds no model of a kind that is known here."),
        QT_TRANSLATE_NOOP("Problem", "Choose the weights file as its authors publish it.")),
    "package.missing": (
        QT_TRANSLATE_NOOP("Problem", "The engine lacks a package that this model needs."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine, or choose another model.")),
    "network.failed": (
        QT_TRANSLATE_NOOP("Problem", "The download did not come through."),
        QT_TRANSLATE_NOOP("Problem", "Check the network and QGIS's proxy settings, then try again.")),
    "phrase.empty": (
        QT_TRANSLATE_NOOP("Problem", "There is no phrase to search for."),
        QT_TRANSLATE_NOOP("Problem", "Type what to find, such as: buildings larger than 300 m² near a road.")),
    "phrase.unknown": (
        QT_TRANSLATE_NOOP("Problem", "Nothing in the phrase is understood."),
        QT_TRANSLATE_NOOP("Problem", "Use other words: the list of what is understood is beside the phrase.")),
    "phrase.units": (
        QT_TRANSLATE_NOOP("Problem", "The phrase asks for metres, and the raster has no CRS that would tell them."),
        QT_TRANSLATE_NOOP("Problem", "Give the raster a CRS, or leave sizes and distances out of the phrase.")),
    "phrase.layer": (
        QT_TRANSLATE_NOOP("Problem", "The phrase names a layer that is not in the project as a file."),
        QT_TRANSLATE_NOOP("Problem", "Add the layer or save it to a file, or name one that is there.")),
    "layer.missing": (
        QT_TRANSLATE_NOOP("Problem", "The vector layer {layer} is not there, or has no such table."),
        QT_TRANSLATE_NOOP("Problem", "Take a vector layer of the project that is saved in a file; a phrase may name a class instead.")),
    "layer.unreadable": (
        QT_TRANSLATE_NOOP("Problem", "The vector layer {layer} has nothing to read."),
        QT_TRANSLATE_NOOP("Problem", "Choose a layer with points, lines or polygons.")),
    "layer.unplaced": (
        QT_TRANSLATE_NOOP("Problem", "It is not known where the layer {layer} lies on the raster: one of them has no CRS."),
        QT_TRANSLATE_NOOP("Problem", "Give the one without a CRS the right one.")),
    "classes.none": (
        QT_TRANSLATE_NOOP("Problem", "The class list is empty."),
        QT_TRANSLATE_NOOP("Problem", "Name one class at least, such as: building, forest, water.")),
    "classes.repeated": (
        QT_TRANSLATE_NOOP("Problem", "A class is in the list more than once."),
        QT_TRANSLATE_NOOP("Problem", "Name each class once; other names for the same thing count as that class.")),
    "classes.unknown": (
        QT_TRANSLATE_NOOP("Problem", "A class of the list is not known."),
        QT_TRANSLATE_NOOP("Problem", "Use another word for it, or leave it out.")),
    "output.busy": (
        QT_TRANSLATE_NOOP("Problem", "Another run is writing to the same file."),
        QT_TRANSLATE_NOOP("Problem", "Wait until that run is done, or choose another file.")),
    # the engine as a process
    "engine.gone": (
        QT_TRANSLATE_NOOP("Problem", "The engine stopped unexpectedly."),
        QT_TRANSLATE_NOOP("Problem", "Restart it: your clicks are kept.")),
    "engine.hung": (
        QT_TRANSLATE_NOOP("Problem", "The engine did not answer in time and was stopped."),
        QT_TRANSLATE_NOOP("Problem", "Restart it: your clicks are kept.")),
    "engine.unstartable": (
        QT_TRANSLATE_NOOP("Problem", "The engine could not be started."),
        QT_TRANSLATE_NOOP("Problem", "Restart it; if it happens again, set up the engine again.")),
    "engine.missing": (
        QT_TRANSLATE_NOOP("Problem", "The engine is not set up yet."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine.")),
    "environment.incomplete": (
        QT_TRANSLATE_NOOP("Problem", "The engine is only partly set up."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine: what is already downloaded is kept.")),
    "environment.outdated": (
        QT_TRANSLATE_NOOP("Problem", "The engine was set up for another version of the plugin."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine to bring it up to date.")),
    # setting the engine up
    "install.python": (
        QT_TRANSLATE_NOOP("Problem", "No Python from 3.10 to 3.14 that can make environments was found on this computer."),
        QT_TRANSLATE_NOOP("Problem", "Install Python 3.12 (on Debian and Ubuntu also python3-venv), then press Set up engine again.")),
    "install.space": (
        QT_TRANSLATE_NOOP("Problem", "Setting up the engine needs {needed} of disk, but only {free} are free in {folder}."),
        QT_TRANSLATE_NOOP("Problem", "Free some space, or set RASTERSCRIBE_HOME to a folder on another disk.")),
    "install.unwritable": (
        QT_TRANSLATE_NOOP("Problem", "The engine's folder {folder} cannot be written."),
        QT_TRANSLATE_NOOP("Problem", "Make it writable, or set RASTERSCRIBE_HOME to another folder.")),
    "install.download": (
        QT_TRANSLATE_NOOP("Problem", "{name} could not be downloaded."),
        QT_TRANSLATE_NOOP("Problem", "Check the network and QGIS's proxy settings, then press Set up engine again: it goes on from here.")),
    "install.folder": (
        QT_TRANSLATE_NOOP("Problem", "The folder {folder} does not have every package for this computer's Python."),
        QT_TRANSLATE_NOOP("Problem", "Choose a folder made by 'build.py bundle' on such a computer with the same Python version.")),
    "install.environment": (
        QT_TRANSLATE_NOOP("Problem", "The engine's environment could not be made."),
        QT_TRANSLATE_NOOP("Problem", "Close programs that use the engine, then press Set up engine again.")),
    "install.packages": (
        QT_TRANSLATE_NOOP("Problem", "The engine's packages could not be installed."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine again; if it happens again, report it with the diagnostics.")),
    "install.check": (
        QT_TRANSLATE_NOOP("Problem", "The engine was installed but does not run."),
        QT_TRANSLATE_NOOP("Problem", "Press Set up engine again; if it happens again, report it with the diagnostics.")),
    # layers
    "layer.not_raster": (
        QT_TRANSLATE_NOOP("Problem", "The chosen layer is not a raster."),
        QT_TRANSLATE_NOOP("Problem", "Choose a raster layer.")),
    "layer.removed": (
        QT_TRANSLATE_NOOP("Problem", "The raster layer was removed from the project."),
        QT_TRANSLATE_NOOP("Problem", "Choose another raster.")),
    "export.failed": (
        QT_TRANSLATE_NOOP("Problem", "The layer's picture could not be saved for the engine."),
        QT_TRANSLATE_NOOP("Problem", "Check that the layer draws, then click again.")),
    "target.removed": (
        QT_TRANSLATE_NOOP("Problem", "The target layer was removed from the project."),
        QT_TRANSLATE_NOOP("Problem", "Choose another target layer: the outline is kept.")),
    "target.gone": (
        QT_TRANSLATE_NOOP("Problem", "The target layer's file is not there any more."),
        QT_TRANSLATE_NOOP("Problem", "Put it back, or choose another target layer: what is not saved yet is kept.")),
    "target.read_only": (
        QT_TRANSLATE_NOOP("Problem", "The target layer cannot be edited."),
        QT_TRANSLATE_NOOP("Problem", "Choose another target layer, or make this one writable: the outline is kept.")),
    "target.not_polygons": (
        QT_TRANSLATE_NOOP("Problem", "The target layer does not hold polygons."),
        QT_TRANSLATE_NOOP("Problem", "Choose a polygon layer: the outline is kept.")),
    "target.rejected": (
        QT_TRANSLATE_NOOP("Problem", "The target layer did not take the outline."),
        QT_TRANSLATE_NOOP("Problem", "Look at the layer's fields and constraints, or choose another target layer: the outline is kept.")),
    # areas
    "area.no_raster": (
        QT_TRANSLATE_NOOP("Problem", "No raster is chosen."),
        QT_TRANSLATE_NOOP("Problem", "Choose the raster to search.")),
    "area.undrawn": (
        QT_TRANSLATE_NOOP("Problem", "The rectangle to search is not drawn yet."),
        QT_TRANSLATE_NOOP("Problem", "Press Draw and drag it on the map, or choose another area.")),
    "area.layer": (
        QT_TRANSLATE_NOOP("Problem", "The layer with the area's polygons is not in the project any more."),
        QT_TRANSLATE_NOOP("Problem", "Choose another polygon layer, or another area.")),
    "area.empty": (
        QT_TRANSLATE_NOOP("Problem", "The layer with the area's polygons has none."),
        QT_TRANSLATE_NOOP("Problem", "Choose another polygon layer, or another area.")),
    "area.crs": (
        QT_TRANSLATE_NOOP("Problem", "The area has no place in the raster's CRS."),
        QT_TRANSLATE_NOOP("Problem", "Look at the CRS of both, or choose an area that the raster covers.")),
    "area.endless": (
        QT_TRANSLATE_NOOP("Problem", "A map service has no end: the whole of it cannot be searched."),
        QT_TRANSLATE_NOOP("Problem", "Choose the visible extent, polygons or a rectangle.")),
    "area.large": (
        QT_TRANSLATE_NOOP("Problem", "The area is too large to fetch from its source at this scale."),
        QT_TRANSLATE_NOOP("Problem", "Zoom out, for coarser pixels, or choose a smaller area.")),
    "pixel.missing": (
        QT_TRANSLATE_NOOP("Problem", "A map service has no pixels of its own."),
        QT_TRANSLATE_NOOP("Problem", "Give the size of the pixels to fetch, in units of its CRS.")),
    # found layers
    "found.edited": (
        QT_TRANSLATE_NOOP("Problem", "The found layer has edits that are not saved, and cannot be filtered meanwhile."),
        QT_TRANSLATE_NOOP("Problem", "Save the edits, and the filter goes on; or discard them in the layer.")),
    "found.unreadable": (
        QT_TRANSLATE_NOOP("Problem", "The result cannot be opened as a layer."),
        QT_TRANSLATE_NOOP("Problem", "Run it again, with another file.")),
    "found.unsaved": (
        QT_TRANSLATE_NOOP("Problem", "The found layer's edits could not be saved."),
        QT_TRANSLATE_NOOP("Problem", "Look at the layer's messages; the edits are kept.")),
    "found.open": (
        QT_TRANSLATE_NOOP("Problem", "The file to write is open in the project."),
        QT_TRANSLATE_NOOP("Problem", "Choose another file, or remove its layers from the project.")),
    "table.unwritable": (
        QT_TRANSLATE_NOOP("Problem", "The table cannot be written to {file}."),
        QT_TRANSLATE_NOOP("Problem", "Choose a folder that you may write to, and close programs that hold the file open.")),
    "examples.none": (
        QT_TRANSLATE_NOOP("Problem", "No polygon is selected that could be an example."),
        QT_TRANSLATE_NOOP("Problem", "Select one or more polygons on the raster, then press More like this.")),
    "review.no_layer": (
        QT_TRANSLATE_NOOP("Problem", "There is nothing found yet to go through."),
        QT_TRANSLATE_NOOP("Problem", "Run a search first, or choose a layer of found objects in the layer tree.")),
    "review.nothing": (
        QT_TRANSLATE_NOOP("Problem", "No single object was seen there that could be cut out."),
        QT_TRANSLATE_NOOP("Problem", "Click nearer to the middle of one of the objects.")),
    "review.no_changes": (
        QT_TRANSLATE_NOOP("Problem", "There are no changes to go through."),
        QT_TRANSLATE_NOOP("Problem", "Compare two dates first, or choose a layer of changes in the layer tree.")),
    "review.none": (
        QT_TRANSLATE_NOOP("Problem", "No change has been decided that way yet."),
        QT_TRANSLATE_NOOP("Problem", "Go through the changes first: A accepts one, R rejects one.")),
    "review.no_files": (
        QT_TRANSLATE_NOOP("Problem", "The two rasters that these changes come from are not both in the project as files."),
        QT_TRANSLATE_NOOP("Problem", "Add both from their files, and start the review with both chosen.")),
    "update.no_map": (
        QT_TRANSLATE_NOOP("Problem", "There is no map layer that the changes could be applied to."),
        QT_TRANSLATE_NOOP("Problem", "Choose the existing map and the field with its classes.")),
}
# fmt: on
