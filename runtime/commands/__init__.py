"""The commands of `rebook`, a file for each group."""
