"""The visible steps: a name, a retry rule and a call. What passes between them is ids."""
