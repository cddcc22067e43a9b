"""The respiratory clinic: eight diseases, and what a note, a chest picture and a recording show of each."""

import dataclasses
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engine.demo.breath import make_breath
from engine.demo.chest import Body, draw_chest
from engine.demo.clinic_phrases import PHRASES
from engine.demo.devices import Microphone, Scanner, microphones, scanners
from engine.demo.generator import Domain
from engine.demo.phrasebook import LANGUAGES, Language, read_phrasebook, write_note
from engine.demo.voices import Voice, voices
from engine.demo.world import Findings, World, finding
from engine.schema.case import Label, Split

LABELS = (
    Label(name="pneumonia", en="Pneumonia", zh="肺炎"),
    Label(name="asthma", en="Asthma", zh="哮喘"),
    Label(name="copd", en="COPD", zh="慢性阻塞性肺病"),
    Label(name="bronchitis", en="Acute bronchitis", zh="急性支气管炎"),
    Label(name="pleural_effusion", en="Pleural effusion", zh="胸腔积液"),
    Label(name="pneumothorax", en="Pneumothorax", zh="气胸"),
    Label(name="heart_failure", en="Heart failure", zh="心力衰竭"),
    Label(name="common_cold", en="Common cold", zh="普通感冒"),
)

_PRIOR = (0.15, 0.14, 0.13, 0.13, 0.11, 0.10, 0.12, 0.12)

_FINDINGS = (
    finding(
        "onset",
        "text",
        """
                        sudden      days     years    unsaid
    pneumonia               11        70         3        16
    asthma                  31        15        37        17
    copd                     3        13        70        14
    bronchitis               5        76         3        16
    pleural_effusion         5        59        19        17
    pneumothorax            80         7         1        12
    heart_failure           11        30        44        15
    common_cold              7        76         1        16
    """,
    ),
    finding(
        "fever",
        "text",
        """
                          none    slight      high    unsaid
    pneumonia                7        15        64        14
    asthma                  68        10         3        19
    copd                    66        12         3        19
    bronchitis              21        49        11        19
    pleural_effusion        42        26        13        19
    pneumothorax            70         9         3        18
    heart_failure           70         9         3        18
    common_cold             26        48         7        19
    """,
    ),
    finding(
        "past",
        "text",
        """
                        smoker   allergy     heart    unsaid
    pneumonia               19        11        13        57
    asthma                   9        59         5        27
    copd                    75         5        10        10
    bronchitis              30        13         7        50
    pleural_effusion        24         7        23        46
    pneumothorax            36         9         5        50
    heart_failure           19         5        59        17
    common_cold             12        19         7        62
    """,
    ),
    finding(
        "complaint",
        "text",
        """
                          pain    ankles      nose    phlegm     tight   breathless
    pneumonia               22         2         7        47         4        18
    asthma                   3         1         9         5        58        24
    copd                     3         7         2        38        13        37
    bronchitis               5         1        26        56         5         7
    pleural_effusion        36        15         2         4         9        34
    pneumothorax            60         1         2         1        13        23
    heart_failure            7        52         1         5         7        28
    common_cold              3         1        71        17         3         5
    """,
    ),
    finding(
        "lungs",
        "image",
        """
                         clear     patch     fluid      edge
    pneumonia                8        87         4         1
    asthma                  96         2         1         1
    copd                    92         4         1         3
    bronchitis              93         5         1         1
    pleural_effusion         3         6        90         1
    pneumothorax             8         1         2        89
    heart_failure           64         6        29         1
    common_cold             97         1         1         1
    """,
    ),
    finding(
        "heart",
        "image",
        """
                        normal     large
    pneumonia               95         5
    asthma                  98         2
    copd                    94         6
    bronchitis              97         3
    pleural_effusion        85        15
    pneumothorax            98         2
    heart_failure            8        92
    common_cold             98         2
    """,
    ),
    finding(
        "inflation",
        "image",
        """
                         usual stretched
    pneumonia               98         2
    asthma                  39        61
    copd                     9        91
    bronchitis              94         6
    pleural_effusion        98         2
    pneumothorax            87        13
    heart_failure           97         3
    common_cold             98         2
    """,
    ),
    finding(
        "cough",
        "audio",
        """
                          none       dry       wet
    pneumonia                5        17        78
    asthma                  25        69         6
    copd                    15        17        68
    bronchitis               2        14        84
    pleural_effusion        52        42         6
    pneumothorax            82        16         2
    heart_failure           56        20        24
    common_cold             17        76         7
    """,
    ),
    finding(
        "breath",
        "audio",
        """
                         plain    wheeze  crackles
    pneumonia               12         5        83
    asthma                  10        86         4
    copd                    21        66        13
    bronchitis              65        24        11
    pleural_effusion        86         4        10
    pneumothorax            94         4         2
    heart_failure            9        10        81
    common_cold             96         3         1
    """,
    ),
    finding(
        "pace",
        "audio",
        """
                          calm      fast
    pneumonia               29        71
    asthma                  38        62
    copd                    67        33
    bronchitis              88        12
    pleural_effusion        31        69
    pneumothorax            10        90
    heart_failure           31        69
    common_cold             95         5
    """,
    ),
)

WORLD = World(LABELS, np.array(_PRIOR), _FINDINGS)
BOOK = read_phrasebook(PHRASES)


@dataclasses.dataclass(frozen=True)
class Patient:
    """One patient: body and voice, the language of the notes, and the devices of the practice."""

    split: Split
    language: Language
    body: Body
    scanner: Scanner
    voice: Voice
    microphone: Microphone

    @classmethod
    def draw(cls, split: Split, rng: np.random.Generator) -> Self:
        """Draw a patient as a split may have one."""
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        scanner = scanners(split)[rng.integers(len(scanners(split)))]
        voice = voices(split)[rng.integers(len(voices(split)))].varied(rng)
        microphone = microphones(split)[rng.integers(len(microphones(split)))]
        return cls(split, language, Body.draw(rng), scanner, voice, microphone)

    def write(self, found: Findings, rng: np.random.Generator) -> str:
        """Return the note of a visit."""
        return write_note(BOOK, found, self.language, self.split, rng)

    def draw_picture(self, found: Findings, rng: np.random.Generator) -> NDArray[np.uint8]:
        """Return the chest picture, (H, W)."""
        return draw_chest(found, self.body, self.scanner, rng)

    def make_sound(self, found: Findings, rng: np.random.Generator) -> NDArray[np.int16]:
        """Return the recording, (N,)."""
        return make_breath(found, self.voice, self.microphone, rng)


CLINIC = Domain(
    name="clinic",
    title=Label(name="clinic", en="Demo clinic", zh="演示门诊"),
    world=WORLD,
    draw_person=Patient.draw,
    files={"text": "note.txt", "image": "xray.png", "audio": "cough.wav"},
)
