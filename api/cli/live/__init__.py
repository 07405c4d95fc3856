"""A run as a person follows it: a table that moves on a terminal, a line a change elsewhere. All on standard error."""
