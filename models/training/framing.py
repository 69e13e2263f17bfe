"""What training and evaluation agree on: how large an object is in its view, and how small is too small."""

SIDE = 256  # of a view, pixels
FRAMED_SHARE = 0.35  # of the view's side: how large an analyst zooms an object
LARGEST_SCALE = 4.0  # view pixels a native pixel
SMALLEST_TARGET = 40  # pixels of the view
