"""Are these strokes aligned? A question that only wavelets with directions answer."""
