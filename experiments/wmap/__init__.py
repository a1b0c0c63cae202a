"""Are the scattering coefficients of WMAP's sky those of a Gaussian one?"""
