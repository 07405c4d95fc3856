from support.cli import cli

__all__ = ["cli"]
