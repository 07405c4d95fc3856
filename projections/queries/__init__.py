"""What is asked of the read models, and of the archive's events of runs beside them.

Each query reads only the columns it was asked for, and those of read models any number of runs at once.
"""
