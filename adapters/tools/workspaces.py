"""A folder for each run, in which its tools leave files for one another; only the owner may look inside.

Its name is the run's id, so no text from outside ever becomes a path. Workers on different machines share it only
where they share the root; what must outlive the run is an artifact.
"""

import shutil
import stat
from pathlib import Path
from typing import Final

from awe.domain.identifiers import parse_run_id

_PRIVATE: Final = 0o700


class Workspaces:
    def __init__(self, root: Path) -> None:
        self.root = root

    def folder(self, run: str) -> Path:
        """The run's folder, made when it is not there.

        Raises:
            MalformedIdentifier: that is no run id.
            FileExistsError: something else than a folder of ours stands there.
        """
        path = self.root / parse_run_id(run)
        self.root.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        path.mkdir(mode=_PRIVATE, exist_ok=True)
        if stat.S_ISLNK(path.lstat().st_mode):
            raise FileExistsError(f"the workspace {path} is a link; remove it")
        return path

    def remove(self, run: str) -> None:
        """Remove the run's folder with all in it, if there is one; links in it are removed, not followed."""
        path = self.root / parse_run_id(run)
        if path.is_symlink():
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
