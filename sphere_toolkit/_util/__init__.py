"""What every room uses: checks of arguments, threads, progress bars, names of extras."""
