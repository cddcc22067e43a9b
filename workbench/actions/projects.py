"""Which project is worked in: a new one, one that is there, the demo, or a new one made of a domain folder."""

from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from workbench.link.demo_project import DemoProject


class Projects(QObject):
    """Asks for the folders and has the project made where it is not there yet.

    Signals:
        chosen: the person wants to work in this folder.
        making: a project is being made, which takes some seconds.
    """

    chosen = Signal(object)
    making = Signal()

    def __init__(self, window: QWidget, maker: DemoProject, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window = window
        self._maker = maker

    def new(self) -> None:
        """Let the person name a folder for a new project."""
        folder = self._named("project")
        if folder is not None:
            self.chosen.emit(folder)

    def open(self) -> None:
        """Let the person pick a project's folder."""
        name = QFileDialog.getExistingDirectory(self._window, self.tr("Open project…"), str(_documents()))
        if name:
            self.chosen.emit(Path(name))

    def open_demo(self) -> None:
        """Make the demo project where it is not there yet, and open it."""
        self.making.emit()
        self._maker.make(_documents() / "demo-clinic")

    def ask_domain(self) -> None:
        """Let the person pick a domain folder and name a folder for its project."""
        said = self.tr("Choose the domain folder: it holds a domain.yaml")
        name = QFileDialog.getExistingDirectory(self._window, said, str(_documents()))
        project = self._named(f"project-{Path(name).name}") if name else None
        if project is not None:
            self.make_of_domain(project, Path(name))

    def make_of_domain(self, project: Path, domain: Path) -> None:
        """Make a project that has the domain of a folder, and open it."""
        self.making.emit()
        self._maker.make(project, domain)

    def _named(self, proposed: str) -> Path | None:
        name, _ = QFileDialog.getSaveFileName(self._window, self.tr("New project…"), str(_documents() / proposed))
        return Path(name) if name else None


def _documents() -> Path:
    """Return where projects are kept unless the person says otherwise."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)) / "Consilium"
