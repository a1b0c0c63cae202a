"""How well is local f_NL seen in scattering coefficients?"""
