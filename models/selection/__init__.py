"""Which of the objects a phrase asks for: sizes, shapes, tones, relations and ranks, measured on the ground."""
