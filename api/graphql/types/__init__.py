"""What the schema shows. Members are read from rows; names and meanings do not change."""
