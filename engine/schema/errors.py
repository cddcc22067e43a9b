"""What can go wrong, as one tree.

    ConsiliumError
    +-- UserError      a person can mend it: what happened, what is safe, what to do
    +-- EngineFault    we can mend it: a defect, or a machine that failed; carries a code to report

The sentences stand in `engine/schema/sentences.py`, in both languages; an error carries only its code and parameters, so
nothing personal travels in an exception's text.
"""

from collections.abc import Mapping

from engine.schema.base import Message
from engine.schema.sentences import SENTENCES, Sentence

Parameters = Mapping[str, str | int | float]


class ErrorBody(Message):
    """An error on its way through the API, a manifest report or an event."""

    code: str
    parameters: dict[str, str | int | float] = {}
    fault: bool = False

    def sentence(self, language: str = "en") -> Sentence:
        """Return what happened, what is safe and what to do, in `en` or `zh`."""
        return SENTENCES[self.code].fill(self.parameters, language)

    def text(self, language: str = "en") -> str:
        """Return the whole message in one line."""
        return self.sentence(language).text()

    def error(self) -> "ConsiliumError":
        """Return the exception that this body stands for, ready to raise."""
        return (EngineFault if self.fault else UserError)(self.code, **self.parameters)


class ConsiliumError(Exception):
    """Base of every error we raise on purpose. `code` names an entry of `SENTENCES`; `parameters` fill it."""

    fault = False

    def __init__(self, code: str, **parameters: str | int | float) -> None:
        if code not in SENTENCES:
            raise KeyError(f"no sentence for error code {code!r}")
        super().__init__(code)
        self.code = code
        self.parameters = parameters

    def body(self) -> ErrorBody:
        """Return the error as a message."""
        return ErrorBody(code=self.code, parameters=dict(self.parameters), fault=self.fault)

    def __str__(self) -> str:
        return self.body().text()


class UserError(ConsiliumError):
    """Something a person can mend; the command line exits with 2 and no traceback."""


class EngineFault(ConsiliumError):
    """Something only we can mend; the command line exits with 1."""

    fault = True
