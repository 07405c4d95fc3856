"""`python -m awe` is the program `awe`."""

from awe.api.cli.main import main

if __name__ == "__main__":
    main()
