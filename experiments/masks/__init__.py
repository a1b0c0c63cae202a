"""Does the mean of a scattering path see the edge of a mask?"""
