"""Reading runs from the log and its archive, for the doors: folded at each request, nothing kept in between."""
