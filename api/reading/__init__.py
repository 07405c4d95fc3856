"""Reading runs for the doors: from the read models where they are as good as the log, else from the log and its archive."""
