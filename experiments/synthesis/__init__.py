"""What do scattering coefficients remember? Signals drawn from statistics, judged by others."""
