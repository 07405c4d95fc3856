"""What a repository says about itself: what it needs, and under which licence it stands."""

from awe.adapters.tools.builtin.project.dependencies import project_dependencies
from awe.adapters.tools.builtin.project.licences import project_licences

__all__ = ["project_dependencies", "project_licences"]
