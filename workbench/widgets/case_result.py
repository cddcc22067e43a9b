"""The right column of a case: the outcome in words, what it means, bars with numbers, why, and what would help."""

from dataclasses import replace

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QPushButton, QWidget

from engine.schema.case import Case, Label
from workbench.i18n import Retranslated
from workbench.state.cases import CaseState, Outdated
from workbench.state.domains import domain_words
from workbench.state.own_views import own_views
from workbench.state.predictions import AnswerWords, ModalityWords, modality_words
from workbench.state.recipes import recipe_names
from workbench.state.session import Session
from workbench.state.settings import Preferences
from workbench.state.several import SeveralWords, agrees, words_of
from workbench.theme import BETWEEN, INSIDE
from workbench.widgets.answer_bars import ProbabilityBars, RelianceBars
from workbench.widgets.boxes import Frame, Pages, button, column, row
from workbench.widgets.own_view import UNSURE, OwnView
from workbench.widgets.skeleton import Skeleton
from workbench.widgets.text import Text
from workbench.words import listed


class Section(QWidget):
    """A small head with a block of plain sentences under it; hidden while it has none."""

    def __init__(self) -> None:
        super().__init__()
        self._head = Text(tone="second", size="small", strong=True)
        self._body = Text(wrap=True)
        self.setLayout(column(self._head, self._body, spacing=4))

    def say(self, head: str, sentences: list[str]) -> None:
        """Show the sentences under the head."""
        self._head.setText(head)
        self._body.setText("\n".join(sentences))
        self.setVisible(bool(sentences))

    @property
    def words(self) -> str:
        """What is said."""
        return self._body.text()


def _disclosure() -> QPushButton:
    """Return a plain button that stays down while what it stands for is shown."""
    made = button("plain")
    made.setCheckable(True)
    return made


class AnswerView(Retranslated, QWidget):
    """One answer, from the outcome down to what would help.

    Signals:
        again_wanted: the answer is stale and the person asked for a new one.
    """

    again_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words: AnswerWords | None = None
        self._case: Case | None = None
        self._outdated_by: frozenset[Outdated] = frozenset()
        self._stale_said = Text(wrap=True)
        self.again = button("", "refresh")
        self.earlier = _disclosure()
        self.stale_banner = Frame(
            "card", column(self._stale_said, row(self.again, None), row(self.earlier, None), margins=12)
        )
        self.stale_banner.set_tone("care")
        self.synthetic = Text(tone="care", size="small", strong=True, wrap=True)
        self.headline = Text(size="answer", wrap=True)
        self.meaning = Text(size="lead", tone="second", wrap=True)
        self.partly = Text(tone="care", wrap=True)
        self.hand_over = Text(tone="accent", strong=True, wrap=True)
        self.own = Text(tone="second", wrap=True)
        self.bars = ProbabilityBars()
        self._relied_head = Text(tone="second", size="small", strong=True, wrap=True)
        self.relied = RelianceBars()
        self.together = Text(tone="second", size="small", wrap=True)
        self.why = Section()
        self.help = Section()
        self._by = Text(tone="hint", size="small", wrap=True)
        relied = column(self._relied_head, self.relied, self.together, spacing=INSIDE)
        self.chances = _disclosure()
        self.numbers = QWidget()
        self.numbers.setLayout(column(self.bars, relied, spacing=BETWEEN))
        said = (self.synthetic, self.headline, self.meaning, self.partly, self.hand_over, self.own)
        self.whole = QWidget()
        self.whole.setLayout(
            column(*said, row(self.chances, None), self.numbers, self.why, self.help, self._by, spacing=BETWEEN)
        )
        self.setLayout(column(self.stale_banner, self.whole, None, spacing=BETWEEN))
        self.again.clicked.connect(self.again_wanted)
        for fold in (self.earlier, self.chances):
            fold.toggled.connect(self.retranslate)

    def show_answer(self, case: Case, labels: tuple[Label, ...], outdated_by: frozenset[Outdated]) -> None:
        """Show the answer of a case, and say where it was given for other inputs or by another model."""
        assert case.prediction is not None
        if self.words is None or self.words.prediction.prediction_id != case.prediction.prediction_id:
            for fold in (self.earlier, self.chances):
                fold.setChecked(False)
        self._case, self._outdated_by = case, outdated_by
        if self.words is not None:
            self.words.deleteLater()
        self.words = words_of(case.prediction, labels, self)
        self.retranslate()

    @Slot()
    def retranslate(self) -> None:
        """Say the answer in the language of the moment."""
        words, case = self.words, self._case
        if words is None or case is None:
            return
        prediction = words.prediction
        self._stale_said.setText(self._outdated_sentence())
        self.again.setText(self.tr("Run again"))
        self._fold(words)
        self.synthetic.setText(ModalityWords().stamp())
        self.synthetic.setVisible(prediction.synthetic)
        self.headline.setText(words.headline())
        self.meaning.setText(words.meaning())
        partly = words.partly_sentences()
        self.partly.setText(" ".join(partly))
        self.partly.setVisible(bool(partly))
        hand_over = domain_words().hand_over() if prediction.outcome == "not-sure" else ""
        self.hand_over.setText(hand_over)
        self.hand_over.setVisible(bool(hand_over))
        self.own.setText(self._own_sentence(words, case))
        self.own.setVisible(case.seen())
        self.bars.show_bars([replace(bar, in_set=bar.in_set and not self._outdated_by) for bar in words.bars()])
        rows = words.reliance()
        self._relied_head.setText(self.tr("What it relied on for “{label}”").format(label=words.shown_label()))
        self._relied_head.setVisible(bool(rows))
        self.relied.show_rows(rows, modality_words())
        self.relied.setToolTip(words.odds_help())
        self._relied_head.setToolTip(words.odds_help())
        beside = [*words.together(), *words.enough_sentences()]
        self.together.setText(" ".join(beside))
        self.together.setVisible(bool(beside))
        self.why.say(self.tr("Why"), words.reason_sentences())
        self.help.say(self.tr("What would help"), [f"• {sentence}" for sentence in words.help_sentences()])
        said = self.tr("{model} · {milliseconds} ms · not checked on your site")
        self._by.setText(
            said.format(model=recipe_names().shown(prediction.model_name), milliseconds=round(prediction.milliseconds))
        )

    def _fold(self, words: AnswerWords) -> None:
        """Keep from the eye what would speak too loud: an answer that is out of date, and the chances where none is suggested."""
        earlier, chances = self.earlier.isChecked(), self.chances.isChecked()
        self.earlier.setText(self.tr("Hide the earlier answer") if earlier else self.tr("Show the earlier answer"))
        self.chances.setText(self.tr("Hide the chances") if chances else self.tr("Show the chances anyway"))
        outdated, unsure = bool(self._outdated_by), words.prediction.outcome == "not-sure"
        self.stale_banner.setVisible(outdated)
        self.whole.setVisible(not outdated or earlier)
        self.headline.set_tone("hint" if outdated else "")
        self.chances.setVisible(unsure)
        self.numbers.setVisible(not unsure or chances)

    def _outdated_sentence(self) -> str:
        if self._outdated_by == {"inputs"}:
            return self.tr("This answer is for other inputs than those of now.")
        if self._outdated_by == {"model"}:
            return self.tr("This answer is by another model than the one in use.")
        return self.tr("This answer is for other inputs, and by another model than the one in use.")

    def _own_sentence(self, words: AnswerWords, case: Case) -> str:
        own = case.own_view
        if isinstance(words, SeveralWords) and case.own_labels is not None:
            return self._compared(words.own(case.own_labels), agrees(case), words.prediction.outcome != "not-sure")
        if own == UNSURE:
            return self.tr("Your own view: not sure.")
        named = words.prediction.label_set if words.prediction.outcome != "not-sure" else ()
        return self._compared(words.label(own), own in named, bool(named))

    def _compared(self, own: str, same: bool, told: bool) -> str:
        """Return a person's view, and beside a suggestion whether it is the same."""
        if not told:
            return self.tr("Your own view: {label}.").format(label=own)
        said = self.tr("Your own view: {label}. It agrees.") if same else self.tr("Your own view: {label}. It differs.")
        return said.format(label=own)


class CaseResult(Retranslated, QWidget):
    """Chooses what the right column shows: nothing yet, waiting, the person's own view first, or the answer.

    Signals:
        run_wanted: the person asked for an answer.
        own_view_given: carries a label's name or `unsure`.
        own_labels_given: carries the names of any number of labels.
        models_wanted: there is no model and the person wants to see about one.
        page_changed: another of the four is shown.
    """

    run_wanted = Signal()
    own_view_given = Signal(str)
    own_labels_given = Signal(object)
    models_wanted = Signal()
    page_changed = Signal()

    def __init__(
        self, session: Session, state: CaseState, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._state = state
        self._asked: tuple[str, tuple[Label, ...], bool] | None = None
        self._has_draft = False
        self._hint = Text(size="lead", tone="second", wrap=True)
        self._hint_action = button("")
        hint = QWidget()
        hint.setLayout(column(self._hint, row(self._hint_action, None), None, spacing=BETWEEN))
        self._stage = Text(tone="second")
        waiting = QWidget()
        waiting.setLayout(column(self._stage, Skeleton(5, 32), None, spacing=BETWEEN))
        self.question = OwnView()
        covered = QWidget()
        covered.setLayout(column(self.question, None))
        self.answer = AnswerView()
        self._pages = {"hint": hint, "waiting": waiting, "covered": covered, "answer": self.answer}
        self._stack = Pages(*self._pages.values())
        self.setLayout(column(self._stack))
        self.answer.again_wanted.connect(self.run_wanted)
        self.question.given.connect(self.own_view_given)
        self.question.labels_given.connect(self.own_labels_given)
        self.question.skipped.connect(self._on_question_skipped)
        self._hint_action.clicked.connect(self.models_wanted)
        state.changed.connect(self.refresh)
        session.project_changed.connect(self.refresh)
        own_views().changed.connect(self.refresh)
        own_views().follow(preferences)
        self.refresh()

    @property
    def shown(self) -> str:
        """Which of `hint`, `waiting`, `covered` and `answer` is shown."""
        return next(name for name, page in self._pages.items() if page is self._stack.current)

    @property
    def hint(self) -> str:
        """What the hint says."""
        return self._hint.text()

    @Slot()
    def refresh(self) -> None:
        """Show what is due for the case as it is now."""
        case = self._state.case
        if self._state.predicting:
            self._show("waiting")
        elif case is None or case.prediction is None:
            self._show("hint")
        elif own_views().cover(case):
            self._ask_first(case)
        else:
            labels = self._labels(case)
            self.answer.show_answer(case, labels, self._state.outdated_by())
            self._show("answer")
        self.retranslate()

    @Slot(bool)
    def take_draft(self, there: bool) -> None:
        """Learn whether a typed note stands ready: Run takes it along."""
        if there != self._has_draft:
            self._has_draft = there
            self.retranslate()

    def _ask_first(self, case: Case) -> None:
        """Ask for the person's own view; what they have ticked stays while the choices are the same."""
        labels = self._labels(case)
        several = case.prediction is not None and case.prediction.answers == "several"
        if self._asked != (case.case_id, labels, several):
            self._asked = (case.case_id, labels, several)
            self.question.ask(labels, several)
        self._show("covered")

    def _labels(self, case: Case) -> tuple[Label, ...]:
        """Return the labels of the answer, worded as its model words them."""
        assert case.prediction is not None
        model = self._session.model(case.prediction.model_id)
        return model.labels if model is not None else tuple(Label(name=name) for name in case.prediction.labels)

    def _show(self, page: str) -> None:
        held = page != self.shown and self._holds_focus()
        self.question.foot.setVisible(page == "covered")
        if page != self.shown:
            self._stack.show_page(self._pages[page])
            self.page_changed.emit()
        if held:  # else it would go to whatever button comes next, far from what is read now
            first = {"waiting": self._stage, "answer": self.answer.headline}.get(page)
            if first is not None:
                first.setFocus(Qt.FocusReason.OtherFocusReason)

    def _holds_focus(self) -> bool:
        """Whether the keyboard is with what is shown here."""
        focus: QWidget | None = self.window().focusWidget()
        return focus is not None and any(part.isAncestorOf(focus) for part in (self, self.question.foot))

    def retranslate(self) -> None:
        """Write the words in the language of the moment."""
        case = self._state.case
        no_model = self._session.is_live and self._session.model_in_use() is None
        self._hint_action.setVisible(no_model)
        self._hint_action.setText(self.tr("Open Models"))
        if no_model:
            self._hint.setText(self.tr("No model yet – train one or open the demo project. Your case is kept."))
        elif case is None or not (case.readable() or self._has_draft):
            self._hint.setText(self._add_sentence())
        else:
            self._hint.setText(self.tr("Ready. Press Run to ask the council."))
        waiting = self._session.predictor == "starting"
        self._stage.setText(self.tr("The council is getting ready…") if waiting else self.tr("The council is at work…"))

    def _add_sentence(self) -> str:
        kinds = domain_words().kinds()
        if not kinds:
            return self.tr("Add a note, a picture or a recording. One is enough, three are better.")
        said = self.tr("Add one of these: {inputs}. One is enough, all are better.")
        return said.format(inputs=listed(kinds[m] for m in domain_words().modalities() if m in kinds))

    @Slot()
    def _on_question_skipped(self) -> None:
        if self._state.case is not None:
            own_views().skip(self._state.case.case_id)
