"""What runs and in what order: one flow a file, named like the file, readable without knowing Python."""
