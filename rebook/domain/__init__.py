"""Pure rules and values: nothing here reads a database, a clock of its own or the network."""
