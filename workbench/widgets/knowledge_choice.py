"""The part of a run's form about the knowledge file: what there is, which version enters the run, and the way to the editor."""

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QWidget

from engine.schema.knowledge import KnowledgeVersion
from workbench.i18n import Retranslated
from workbench.theme import INSIDE
from workbench.widgets.boxes import button, column, row
from workbench.widgets.knowledge_words import version_name, version_text
from workbench.widgets.text import Text

_LATEST = "latest"


class KnowledgeChoice(Retranslated, QWidget):
    """One data set's versions at a time; none is used unless somebody chooses one or the recipe names it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known: dict[str, tuple[KnowledgeVersion, ...]] = {}
        self._chosen: dict[str, str] = {}  # by data set, where a person chose
        self._dataset = ""
        self._preferred = ""
        self.said = Text(tone="second", wrap=True)
        self.edit = button("plain", "book-open-outline")
        self._word = Text()
        self.use = QComboBox()
        head = row(self.said, self.edit, spacing=INSIDE)
        head.setStretch(0, 1)
        self._use_row = QWidget()
        self._use_row.setLayout(row(self._word, self.use, None, spacing=INSIDE))
        self.setLayout(column(head, self._use_row, spacing=INSIDE))
        self.use.activated.connect(self._on_use_activated)
        self.retranslate()

    @property
    def version(self) -> str:
        """The number of the version that enters the run; empty for none."""
        return str(self.use.currentData() or "") if self._versions() else ""

    def show_dataset(self, dataset: str) -> None:
        """Show a data set's file."""
        self._dataset = dataset
        self._fill()

    def prefer(self, version: str) -> None:
        """Choose the version that a recipe names, where no person has chosen; empty for none."""
        self._preferred = version
        self._fill()

    def take(self, dataset: str, versions: Sequence[KnowledgeVersion]) -> None:
        """Take the versions as they are now; one that came while the form was open is what the person wants to use."""
        before = self._known.get(dataset)
        self._known[dataset] = tuple(versions)
        if before is not None and versions and versions[-1].version > (before[-1].version if before else 0):
            self._chosen[dataset] = str(versions[-1].version)
        self._fill()

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        self.edit.setText(self.tr("Knowledge file…"))
        self._word.setText(self.tr("Use the knowledge file"))
        self.use.setAccessibleName(self.tr("Use the knowledge file"))
        self._fill()

    def _versions(self) -> tuple[KnowledgeVersion, ...]:
        return self._known.get(self._dataset, ())

    def _fill(self) -> None:
        versions = self._versions()
        if versions:
            self.said.setText(self.tr("Knowledge file, {version}").format(version=version_text(versions[-1])))
        else:
            self.said.setText(self.tr("Knowledge file: none yet") if self._dataset in self._known else "")
        self.use.clear()
        self.use.addItem(self.tr("no"), "")
        for version in reversed(versions):
            self.use.addItem(version_name(version), str(version.version))
        wanted = self._chosen.get(self._dataset, self._preferred)
        if wanted == _LATEST and versions:
            wanted = str(versions[-1].version)
        self.use.setCurrentIndex(max(0, self.use.findData(wanted)))
        self._use_row.setVisible(bool(versions))

    @Slot(int)
    def _on_use_activated(self, index: int) -> None:
        self._chosen[self._dataset] = str(self.use.itemData(index))
