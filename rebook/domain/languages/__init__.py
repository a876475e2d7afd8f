"""What is said to clients, one file a language. English is spoken where a language is not known."""
