"""The Earth's relief at 5 arc minutes, scattered at its full band-limit."""
