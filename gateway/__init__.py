"""The web door. It stores what came in, sealed, and shows clients their page; it starts no work."""
