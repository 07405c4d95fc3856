class ProjectorLoadError(Exception):
    """A module, file or package with projections cannot be used; the message says which, where, and why."""
