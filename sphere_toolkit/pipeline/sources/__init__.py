"""Sources of the maps of a data set: simulations, arrays and files."""
