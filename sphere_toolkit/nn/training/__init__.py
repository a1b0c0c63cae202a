"""Training, evaluation, and models in files."""
