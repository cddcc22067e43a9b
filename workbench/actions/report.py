"""The report of a case: as plain text for the clipboard, as a PDF or on paper, with the research-use line on every page."""

import html
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QDateTime, QIODevice, QLocale, QMarginsF, QObject, QRectF, QSaveFile, Qt
from PySide6.QtGui import QPagedPaintDevice, QPageLayout, QPageSize, QPainter, QPdfWriter, QTextDocument

from engine.schema.case import Case, Label
from workbench.state.domains import domain_words
from workbench.state.look import UNSURE
from workbench.state.predictions import AnswerWords, ModalityWords, modality_words, part_summary
from workbench.state.recipes import recipe_names
from workbench.state.several import SeveralWords, words_of
from workbench.theme import BODY, SMALL, TOKENS, theme

_DPI: Final = 144
_MARGIN_MM: Final = 18.0
_FOOT: Final = 40


def _moment(at: datetime) -> str:
    """Return date and time as people here write them."""
    return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(at.timestamp())), QLocale.FormatType.ShortFormat)


class CaseReport(QObject):
    """Words one case with its answer for reading elsewhere."""

    def __init__(self, case: Case, labels: tuple[Label, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._case = case
        self._made_at = datetime.now(UTC)
        self._answer = words_of(case.prediction, labels, self) if case.prediction is not None else None

    def _title(self) -> str:
        return domain_words().named(self._case.title) or self._case.case_id

    def footer(self) -> str:
        """Return what stands on every page."""
        return ModalityWords().foot()

    def sections(self) -> list[tuple[str, list[str]]]:
        """Return the report as heads with their lines."""
        case, answer = self._case, self._answer
        names = modality_words()
        inputs = [f"{names[p.modality]}: {p.name} {part_summary(p)}".strip() for p in case.parts]
        found = [(self.tr("Case"), [case.case_id, self.tr("Report of {time}").format(time=_moment(self._made_at))])]
        if case.group:
            found.append((domain_words().group() or self.tr("Patient or client"), [case.group]))
        found.append((self.tr("Inputs"), inputs or [self.tr("none")]))
        if answer is None:
            return [*found, (self.tr("Answer"), [self.tr("No answer was asked for.")])]
        stamp = [ModalityWords().stamp()] if answer.prediction.synthetic else []
        stale = [self.tr("This answer is for other inputs than those of now.")] if case.stale() else []
        given = self.tr("Given on {time}; not checked on your site").format(time=_moment(answer.prediction.at))
        said = [*stamp, *stale, answer.headline(), answer.meaning(), *answer.partly_sentences(), given]
        found.append((self.tr("Answer (preliminary)"), said))
        if answer.prediction.outcome != "not-sure":  # where nothing is suggested, no number may make a winner
            found += self._figures(answer)
        found.append((self.tr("Why"), answer.reason_sentences()))
        if answer.prediction.outcome == "not-sure" and domain_words().hand_over():
            found.append((self.tr("What to do"), [domain_words().hand_over()]))
        if isinstance(answer, SeveralWords) and case.own_labels is not None:
            found.append((self.tr("Own view"), [answer.own(case.own_labels)]))
        elif case.own_view:
            own = self.tr("not sure") if case.own_view == UNSURE else answer.label(case.own_view)
            found.append((self.tr("Own view"), [own]))
        found.append(
            (self.tr("Model"), [f"{recipe_names().shown(answer.prediction.model_name)} ({answer.prediction.model_id})"])
        )
        return found

    def _figures(self, answer: AnswerWords) -> list[tuple[str, list[str]]]:
        names = modality_words()
        shares = [f"{bar.shown}: {bar.percent()}" for bar in answer.bars()]
        relied = [f"{names[row.modality]}: {row.word} ({row.odds})" for row in answer.reliance()]
        head = self.tr("What it relied on for “{label}”").format(label=answer.shown_label())
        shown = self.tr("Calibrated probabilities")
        if isinstance(answer, SeveralWords):
            shown = self.tr("Calibrated probabilities, each label by itself")
        return [(shown, shares), (head, [*relied, answer.odds_help()] if relied else [])]

    def text(self) -> str:
        """Return the report as plain text."""
        lines = [self._title(), ""]
        for head, body in self.sections():
            lines += [head, *(f"  {line}" for line in body if line), ""]
        return "\n".join([*lines, self.footer()])

    def document(self) -> QTextDocument:
        """Return the report ready to print; everything from the case is escaped, so no note becomes markup."""
        light = TOKENS["light"]
        body = [f"<h2>{html.escape(self._title())}</h2>"]
        for head, lines in self.sections():
            body.append(f"<p style='color:{light['ink2']};margin-top:12px'><b>{html.escape(head)}</b><br/>")
            body.append("<br/>".join(html.escape(line) for line in lines if line) + "</p>")
        document = QTextDocument()
        document.setDefaultFont(theme().font(BODY))
        document.setHtml(f"<div style='color:{light['ink1']}'>{''.join(body)}</div>")
        return document

    def print_on(self, device: QPagedPaintDevice, resolution: int) -> int:
        """Print the report on a PDF writer or printer; returns the number of pages."""
        document = self.document()
        document.documentLayout().setPaintDevice(device)
        area = device.pageLayout().paintRectPixels(resolution)
        foot = _FOOT * resolution / 96
        width, height = float(area.width()), area.height() - foot
        document.setPageSize(QRectF(0, 0, width, height).size())
        painter = QPainter(device)
        for page in range(document.pageCount()):
            if page:
                device.newPage()
            painter.save()
            painter.translate(0, -page * height)
            document.drawContents(painter, QRectF(0, page * height, width, height))
            painter.restore()
            self._draw_footer(painter, QRectF(0, height, width, foot), f"{page + 1} / {document.pageCount()}")
        painter.end()
        return document.pageCount()

    def _draw_footer(self, painter: QPainter, box: QRectF, number: str) -> None:
        painter.save()
        font = theme().font(SMALL)
        font.setPointSizeF(8)
        painter.setFont(font)
        painter.setPen(Qt.GlobalColor.black)
        painter.drawText(
            box, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap, self.footer()
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, number)
        painter.restore()

    def save_pdf(self, path: Path) -> int:
        """Write the report as a PDF on A4, whole or not at all; returns the number of pages, raises `OSError` where it cannot be written."""
        made = QBuffer()
        made.open(QIODevice.OpenModeFlag.WriteOnly)
        writer = QPdfWriter(made)
        writer.setResolution(_DPI)
        writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
        margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
        writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
        writer.setTitle(self._case.case_id)
        pages = self.print_on(writer, _DPI)
        file = QSaveFile(str(path))  # a report that was there stays as it was until the new one is complete
        if not file.open(QIODevice.OpenModeFlag.WriteOnly) or file.write(made.data()) < 0 or not file.commit():
            raise OSError(file.errorString())
        return pages
