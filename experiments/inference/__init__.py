"""Does a fit of scattering statistics beat the direct estimator of a parameter?"""
