"""A role that cannot go on takes its process with it, and says why."""


class RoleFailed(Exception):  # noqa: N818 (named for the fact)
    """A role cannot go on, and so its process does not; the cause says why."""

    def __init__(self, role: str, cause: Exception) -> None:
        super().__init__(f"the {role} of this process stopped: {type(cause).__name__}: {cause}")
        self.cause = cause
