"""Grids of samples, and the latitudes and longitudes that others are given by."""
