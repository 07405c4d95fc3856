"""Reading git repositories, without git."""

from awe.adapters.tools.builtin.git.churn import git_churn
from awe.adapters.tools.builtin.git.contributors import git_contributors
from awe.adapters.tools.builtin.git.files import git_files
from awe.adapters.tools.builtin.git.log import git_log
from awe.adapters.tools.builtin.git.marks import git_marks
from awe.adapters.tools.builtin.git.show import git_show
from awe.adapters.tools.builtin.git.summary import git_summary
from awe.adapters.tools.builtin.git.tags import git_tags

__all__ = [
    "git_churn",
    "git_contributors",
    "git_files",
    "git_log",
    "git_marks",
    "git_show",
    "git_summary",
    "git_tags",
]
