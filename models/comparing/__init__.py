"""From two dates of one ground to what changed: shifts, light, detectors, and the networks that look at both."""
