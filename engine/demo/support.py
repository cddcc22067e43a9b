"""The support desk: eight ways to help, and what a question, a screenshot and a voice show of each."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.demo.devices import Microphone, microphones
from engine.demo.generator import Domain
from engine.demo.phrasebook import LANGUAGES, Language, read_phrasebook, write_note
from engine.demo.screens import draw_screen
from engine.demo.speech import make_speech
from engine.demo.support_phrases import PHRASES
from engine.demo.themes import Theme, themes
from engine.demo.voices import Voice, voices
from engine.demo.world import Findings, World, finding
from engine.schema.case import Label, Split

LABELS = (
    Label(name="reset_password", en="Send a reset link", zh="发送重置链接"),
    Label(name="secure_account", en="Secure the account", zh="保护账户"),
    Label(name="explain_invoice", en="Explain the invoice", zh="解释账单"),
    Label(name="refund", en="Refund", zh="退款"),
    Label(name="fix_crash", en="Repair guide: crash", zh="修复指南：崩溃"),
    Label(name="fix_connection", en="Repair guide: connection", zh="修复指南：连接"),
    Label(name="cancel_contract", en="End the contract", zh="终止合同"),
    Label(name="hand_over", en="Hand over to a person", zh="转接人工"),
)

_PRIOR = (0.15, 0.10, 0.13, 0.13, 0.13, 0.13, 0.11, 0.12)

_FINDINGS = (
    finding(
        "topic",
        "text",
        """
                       signin    charge    broken   leaving
    reset_password         78         4        13         5
    secure_account         55        30        11         4
    explain_invoice         5        80         5        10
    refund                  3        68        21         8
    fix_crash              11         3        81         5
    fix_connection         25         3        68         4
    cancel_contract         4        25         7        64
    hand_over              20        28        34        18
    """,
    ),
    finding(
        "history",
        "text",
        """
                        first     again      many    unsaid
    reset_password         62        11         4        23
    secure_account         57        13         6        24
    explain_invoice        57        17         4        22
    refund                 14        53        13        20
    fix_crash              24        47         9        20
    fix_connection         39        30         9        22
    cancel_contract        18        20        45        17
    hand_over               4        17        70         9
    """,
    ),
    finding(
        "wish",
        "text",
        """
                        howto     money      stop    person    unsaid
    reset_password         64         2         4         7        23
    secure_account         16         8        45         9        22
    explain_invoice        51        14         3         8        24
    refund                  6        68         7         4        15
    fix_crash              58         7         4         7        24
    fix_connection         60         5         4         7        24
    cancel_contract         5        13        62         6        14
    hand_over               6        11         9        54        20
    """,
    ),
    finding(
        "since",
        "text",
        """
                        today    update    travel     weeks    unsaid
    reset_password         30        14        18         6        32
    secure_account         26         2        41         3        28
    explain_invoice        30         5         4        22        39
    refund                  8         4         7        49        32
    fix_crash              11        60         2         7        20
    fix_connection         26        14        30         8        22
    cancel_contract         4         6         7        47        36
    hand_over               6         7         4        53        30
    """,
    ),
    finding(
        "window",
        "image",
        """
                        login   invoice     crash   loading
    reset_password         84         2         4        10
    secure_account         72        17         6         5
    explain_invoice         3        90         3         4
    refund                  2        81        10         7
    fix_crash               4         2        86         8
    fix_connection          9         2        10        79
    cancel_contract         7        79         4        10
    hand_over              21        26        29        24
    """,
    ),
    finding(
        "icon",
        "image",
        """
                         none   warning      lock  nosignal
    reset_password         29         9        60         2
    secure_account          9        63        26         2
    explain_invoice        90         6         2         2
    refund                 63        33         2         2
    fix_crash              30        64         2         4
    fix_connection         15         9         2        74
    cancel_contract        88         5         5         2
    hand_over              34        55         6         5
    """,
    ),
    finding(
        "stripe",
        "image",
        """
                         none       red     green
    reset_password         78        12        10
    secure_account         18        79         3
    explain_invoice        56         9        35
    refund                 17        14        69
    fix_crash              62        34         4
    fix_connection         81        12         7
    cancel_contract        18        73         9
    hand_over              35        60         5
    """,
    ),
    finding(
        "mood",
        "audio",
        """
                         calm     angry   anxious     tired
    reset_password         89         1         6         4
    secure_account          1         2        96         1
    explain_invoice        87         4         5         4
    refund                  8        80         3         9
    fix_crash              21        16         7        56
    fix_connection         39         7        35        19
    cancel_contract        13         9         1        77
    hand_over               1        88         3         8
    """,
    ),
    finding(
        "ending",
        "audio",
        """
                       rising   falling
    reset_password         88        12
    secure_account         74        26
    explain_invoice        93         7
    refund                  8        92
    fix_crash              66        34
    fix_connection         74        26
    cancel_contract         2        98
    hand_over               5        95
    """,
    ),
    finding(
        "place",
        "audio",
        """
                        quiet    street     beeps
    reset_password         88         9         3
    secure_account         31        67         2
    explain_invoice        95         3         2
    refund                 80        16         4
    fix_crash               9         2        89
    fix_connection         12        77        11
    cancel_contract        93         5         2
    hand_over              71         7        22
    """,
    ),
)

WORLD = World(LABELS, np.array(_PRIOR), _FINDINGS)
BOOK = read_phrasebook(PHRASES)


@dataclasses.dataclass(frozen=True)
class Customer:
    """One customer: language and voice, the telephone, and how the computer's screen is dressed."""

    split: Split
    language: Language
    theme: Theme
    voice: Voice
    microphone: Microphone

    @classmethod
    def draw(cls, split: Split, rng: np.random.Generator) -> Self:
        """Draw a customer as a split may have one."""
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        theme = themes(split)[rng.integers(len(themes(split)))]
        voice = voices(split)[rng.integers(len(voices(split)))].varied(rng)
        return cls(split, language, theme, voice, microphones(split)[rng.integers(len(microphones(split)))])

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return the question."""
        return write_note(BOOK, found, self.language, self.split, rng)

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the screenshot, (H, W, 3)."""
        return draw_screen(found, self.theme, rng)

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return the voice message, (N,)."""
        return make_speech(found, self.voice, self.microphone, rng)


SUPPORT = Domain(
    name="support",
    title=Label(name="support", en="Demo support desk", zh="演示客服台"),
    world=WORLD,
    draw_person=Customer.draw,
    files={"text": "question.txt", "image": "screen.png", "audio": "voice.wav"},
)
