"""Finding phrases in a text, in Chinese and English, unless the text denies them.

Words are those of the tokenizer: case and width folded away, each Chinese character a word of its own; English words match with or
without a plural s. `...` in a phrase stands for up to four words of the same sentence. A match is denied where a negation stands before it in the same clause,
at most six words away (after NegEx, Chapman et al. 2001): "no fever", "denies chest pain", "没有发烧", "否认胸痛". Over a list it reaches
that far into each item: past `and`, `or` and `、`; past a comma where the list is closed by one of them, and after a verb such as "denies"
or 否认 past any comma, but never to an item that says what there is: "denies fever, has a cough", "否认发热，咳嗽三天". And a question
that is answered with a negation is denied: "FEVER: no", "咳嗽（-）".
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence

from engine.preprocess.text import words

_GAP = "..."
_LONGEST_GAP = 4
_SENTENCE_ENDS = frozenset(".!?;。！？；")
_REACH = 6
"""Words over which a negation reaches forward, and back over what it answers."""
_ENDS = frozenset(("but", "however", "although", "though", "whereas", "except", "但", "却", *".;:!?。；：！？，"))
"""Where the reach of a negation ends; a comma (`，` is folded to it) ends it unless a list goes on, a Chinese 、 never does."""
_ENDS_OF_TWO = frozenset((("不", "过"), ("然", "而"), ("可", "是")))
_CLOSING = frozenset(("or", "nor", "和", "或", "及"))
_JOINTS = frozenset((",", "、", "and", "与", *_CLOSING))
"""What stands between the items of a list."""
_LONGEST_ITEM = 3
"""Words of an item of a list that is closed further on; a longer one is a clause of its own."""
_NEW_ENTRY = re.compile(r"\n(?=[^\n:：]{1,40}[:：])")
"""A line that begins with what is asked, as in "FEVER: no": the line before is at its end."""
Words = tuple[str, ...]


def spoken(text: str) -> Words:
    """Return the words of a text, without their plural."""
    return tuple(_stem(word) for word, _, _ in words(_NEW_ENTRY.sub("\n; ", text.replace("’", "'"))))


def _stem(word: str) -> str:
    """Return an English word without its plural; words that end in ss, us or is have none."""
    plural = len(word) > 3 and word.isascii() and word.endswith("s") and word[-2:] not in ("ss", "us", "is")
    return word[:-1] if plural else word


_PLAIN, _OF_LISTS, _GOVERNING = range(3)
"""How a negation treats a list: as far as its reach, each item anew, or past bare commas as well."""
_DENIALS = {
    spoken(cue): kind
    for kind, cues in enumerate(
        (
            (
                "not", "never", "absent", "isn't", "wasn't", "doesn't", "didn't", "hasn't", "并非", "不是",
            ),
            ("no", "without", "nor", "neither", "free of", "没有", "没", "无", "未", "不伴", "排除"),
            ("deny", "denies", "denied", "denying", "negative for", "否认"),
        )
    )
    for cue in cues
}  # fmt: skip
_ANSWERS = (*_DENIALS, *map(spoken, ("none", "negative", "nil", "阴性", "否")))
"""What says no to something that stands before it with a colon or a question mark."""
_SAYS = frozenset(
    word
    for verb in (
        "has", "have", "had", "is", "are", "was", "were", "reports", "reported", "complains", "complained", "admits", "admitted",
        "endorses", "endorsed", "presents", "presented", "develops", "developed", "begins", "began", "starts", "started", "positive",
        "since",
    )
    for word in spoken(verb)
)  # fmt: skip
_BEGINS = frozenset(
    ("a", "an", "with", "only", "i", "he", "she", "they", "we", "it", "patient", "the", "this", "that", "there", "my", "his", "her", "our", "their")
)  # fmt: skip
_SAYS_ZH, _NEGATED_ZH = frozenset("有诉仅只伴"), frozenset("没不无未")
"""Words with which an item of a list says what there is, anywhere in it, (`_BEGINS`) as its first word, or in Chinese unless negated."""
_NUMBERS = frozenset(
    ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several", "few", *"一二两三四五六七八九十几数半")
)  # fmt: skip
_UNITS = frozenset(("hour", "day", "week", "month", "year", *"天日周月年"))
_WITHIN = frozenset(("past", "last", "近", "内", "去"))
"""An item that says how long (three days, 三天) says that something is there, unless it names the time in which there was nothing."""
_NEXT_DENIED = "不"
"""Denies what follows it at once, as in 不发烧; further on it belongs to a word of its own, as in 不舒服."""
_NO_DENIALS = tuple(
    spoken(cue)
    for cue in (
        "not only", "not just", "no longer than", "no change", "no doubt", "never stopped",
        "无力", "无法", "不仅", "没完", "未来", "无论", "无数", "无疑", "从未停",
    )
)  # fmt: skip
"""Words that look like a negation and are none."""


@dataclasses.dataclass(frozen=True)
class Phrase:
    """A phrase as runs of words, between which a few others may stand."""

    runs: tuple[Words, ...]

    @classmethod
    def read(cls, phrase: str) -> "Phrase":
        """Return the phrase that a person wrote."""
        runs = (spoken(part) for part in phrase.replace("…", _GAP).split(_GAP))
        return cls(tuple(run for run in runs if run))

    def places(self, text: Words) -> Iterator[int]:
        """Yield the place of each match's first word."""
        if self.runs:
            for start in _run_at(text, self.runs[0], 0, len(text)):
                if self._goes_on(text, start + len(self.runs[0])):
                    yield start

    def _goes_on(self, text: Words, at: int) -> bool:
        for run in self.runs[1:]:
            later = next(_run_at(text, run, at, at + _LONGEST_GAP + 1), None)
            if later is None or any(_stops(text, place, _SENTENCE_ENDS) for place in range(at, later)):
                return False
            at = later + len(run)
        return True


def found(text: Words, phrases: Sequence[Phrase], denied: Sequence[bool]) -> bool:
    """Whether one of the phrases stands in the text and is not denied; `denied` as `denials` returns it."""
    return any(not denied[start] for phrase in phrases for start in phrase.places(text))


def denials(text: Words) -> list[bool]:
    """Return for each word whether a negation reaches it, from before or as the answer to what it asks."""
    denied = [False] * len(text)
    for start in range(len(text)):
        for place in tuple(_answered(text, start)) or _denied_from(text, start):
            denied[place] = True
    return denied


def affirmed(text: str) -> Words:
    """Return the words of a text that it does not deny."""
    said = spoken(text)
    return tuple(word for word, out in zip(said, denials(said), strict=True) if not out)


def _denied_from(text: Words, start: int) -> Iterator[int]:
    """Yield the places that a negation which begins here reaches."""
    cue = _cue(text, start, _DENIALS)
    if cue:
        yield from _reached(text, start + len(cue), _DENIALS[cue])
    elif text[start] == _NEXT_DENIED and start + 1 < len(text):
        yield start + 1


def _reached(text: Words, after: int, kind: int) -> Iterator[int]:
    left = _REACH
    if kind == _GOVERNING and text[after : after + 1] == (":",):  # "Denies: fever"
        after += 1
    for place in range(after, len(text)):
        joint = text[place] in _JOINTS
        if _stops(text, place) or (joint and not _goes_on(text, place, kind)):
            return
        if joint and kind != _PLAIN:
            left = _REACH
        elif left:
            left -= 1
        else:
            return
        yield place


def _stops(text: Words, place: int, ends: frozenset[str] = _ENDS) -> bool:
    """Whether a clause ends at a word; a point between digits is none."""
    if text[place] == ".":
        return not (0 < place < len(text) - 1 and text[place - 1].isdigit() and text[place + 1].isdigit())
    return text[place] in ends or (ends is _ENDS and text[place : place + 2] in _ENDS_OF_TWO)


def _goes_on(text: Words, joint: int, kind: int) -> bool:
    """Whether a list that a negation reaches goes on behind a joint."""
    if text[joint] not in (",", "and"):
        return True
    item = _item(text, joint)
    if _says_what_there_is(item):
        return False
    # More English words are a clause of their own; Chinese words have several characters.
    is_short = sum(map(str.isascii, item)) <= _REACH
    return text[joint] == "and" or (kind == _GOVERNING and is_short) or _is_closed(text, joint, kind)


def _is_closed(text: Words, comma: int, kind: int) -> bool:
    """Whether `or` follows a comma closely, "no fever, chills or cough", or short items up to one, or to `and`, that say nothing new."""
    if not _CLOSING.isdisjoint(text[comma + 1 : comma + 2 + _LONGEST_ITEM]):
        return True
    joint = comma
    while kind != _PLAIN and joint < len(text) and text[joint] == ",":
        item = _item(text, joint)
        if len(item) > _LONGEST_ITEM or _says_what_there_is(item):
            return False
        joint += 1 + len(item)
    closes = kind != _PLAIN and joint < len(text) and text[joint] in (*_CLOSING, "and")
    return closes and not _says_what_there_is(_item(text, joint))


def _item(text: Words, joint: int) -> Words:
    """Return the words between a joint and the next one, or the end of the clause; no more of them than are looked at."""
    stop = joint + 1
    while stop < min(len(text), joint + 1 + 2 * _REACH) and text[stop] not in _JOINTS and not _stops(text, stop):
        stop += 1
    return text[joint + 1 : stop]


def _says_what_there_is(item: Words) -> bool:
    """Whether an item of a list is a statement of its own: a verb that affirms, or how long something has been there."""
    if not _BEGINS.isdisjoint(item[:1]) or not _SAYS.isdisjoint(item):
        return True
    if any(word in _SAYS_ZH and before not in _NEGATED_ZH for before, word in zip(("", *item), item, strict=False)):
        return True
    lasting = (not _NUMBERS.isdisjoint(before) or any(map(str.isdigit, before)) for before in _before_units(item))
    return _WITHIN.isdisjoint(item) and any(lasting)


def _before_units(item: Words) -> Iterator[Words]:
    """Yield the two words before each unit of time: 三天, 三个月, 3 days."""
    for place, word in enumerate(item):
        if word in _UNITS:
            yield item[max(0, place - 2) : place]


def _answered(text: Words, start: int) -> Iterator[int]:
    """Yield the places of what an answer that begins here denies: "FEVER: no", "发热：无", "fever (-)"."""
    if text[start : start + 3] == ("(", "-", ")"):
        yield from _asked(text, start)
    answer = _cue(text, start, _ANSWERS)
    stop = start + len(answer)
    asks = start > 0 and text[start - 1] in (":", "?")
    if answer and asks and (stop == len(text) or text[stop] == "," or _stops(text, stop)):
        yield from _asked(text, start - 1)


def _asked(text: Words, end: int) -> Iterator[int]:
    """Yield the places of the words before `end` that belong together."""
    for place in range(end - 1, max(-1, end - 1 - _REACH), -1):
        if text[place] in (",", "、", ")") or _stops(text, place):
            return
        yield place


def _cue(text: Words, start: int, cues: Iterable[Words]) -> Words:
    """Return the longest of the cues that begins here; () where none does, or where it only looks like one."""
    if any(text[start : start + len(cue)] == cue for cue in _NO_DENIALS):
        return ()
    return max((cue for cue in cues if text[start : start + len(cue)] == cue), key=len, default=())


def _run_at(text: Words, run: Words, first: int, last: int) -> Iterator[int]:
    for start in range(first, min(last, len(text) - len(run) + 1)):
        if text[start : start + len(run)] == run:
            yield start
