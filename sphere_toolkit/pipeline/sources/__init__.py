"""Where the maps of a data set come from: simulations, arrays and files."""
