"""Checks of drawn figures."""


def assert_no_overlap(ax, artists, slack=1):
    """No two artists cover each other by more than ``slack`` pixels, and all lie in the figure."""
    ax.figure.canvas.draw()
    boxes = [artist.get_window_extent() for artist in artists]
    boxes = [box for box in boxes if box.width > 1 and box.height > 1]
    assert boxes
    for i, box in enumerate(boxes):
        assert box.x0 >= 0
        assert box.x1 <= ax.figure.bbox.width
        for other in boxes[:i]:
            wide = min(box.x1, other.x1) - max(box.x0, other.x0)
            high = min(box.y1, other.y1) - max(box.y0, other.y0)
            assert wide <= slack or high <= slack, (box, other)
