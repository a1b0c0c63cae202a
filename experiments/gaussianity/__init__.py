"""Is this sky Gaussian? Several classifiers on the same simulated skies."""
