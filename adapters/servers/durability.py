"""The promise about an acknowledged append, chosen by the operator; the server must be set up to keep it."""

from typing import Literal

Durability = Literal["always", "everysec", "archived"]
