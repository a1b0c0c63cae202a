"""Is this sky Gaussian? Six classifiers on the same simulated maps."""
