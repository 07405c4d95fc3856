"""What is asked of the read models: each query reads only the columns it was asked for, and any number of runs at once."""
