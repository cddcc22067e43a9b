"""The project folder: where each thing lies in it, and how a new one is made."""

import os
from pathlib import Path

from engine.schema.errors import UserError
from engine.store.blobs import Blobs, sync_folder

DATABASE_FILE = "project.sqlite"
_FOLDERS = ("blobs", "runs", "models", "trash")


class ProjectFolder:
    """Paths of one project; knows the disk, not the database."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.database = self.path / DATABASE_FILE
        self.runs = self.path / "runs"
        self.models = self.path / "models"
        self.trash = self.path / "trash"
        self.blobs = Blobs(self.path / "blobs")

    @property
    def name(self) -> str:
        """The name people know the project by: its folder's."""
        return self.path.name

    def exists(self) -> bool:
        """Whether a project lies here."""
        return self.database.is_file()

    def mark(self) -> tuple[int, int]:
        """Return what tells this project from another that is made at the same place later; zeros where there is none any more."""
        try:
            found = self.database.stat()
        except (FileNotFoundError, NotADirectoryError):
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def make(self) -> None:
        """Make the folders that are not there yet; raises `project-not-writable` where that is not allowed."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in _FOLDERS:
                (self.path / name).mkdir(mode=0o700, exist_ok=True)
            if not os.access(self.path, os.W_OK):
                raise PermissionError(self.path)
            sync_folder(self.path)
        except OSError as error:
            raise UserError("project-not-writable") from error

    def run(self, job_id: str) -> Path:
        """Return the run folder of a job."""
        return self.runs / job_id

    def model(self, model_id: str) -> Path:
        """Return the folder of a model."""
        return self.models / model_id
