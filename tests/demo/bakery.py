"""A domain nobody has seen before, as a person would write it: a bakery's order desk in four plain files."""

import itertools
from pathlib import Path

DOMAIN = """\
id: bakery
title: {en: Order desk of a bakery, zh: 面包店订单台}
notice: {en: Research use only – not a promise to deliver, zh: 仅供研究使用，不构成交货承诺}
hand_over: {en: Ask the baker., zh: 请询问面包师。}
group: {en: Customer, zh: 顾客}
inputs:
  text: {en: Order letter, zh: 订单来信, file: letter.txt}
  image: {en: Order slip, zh: 订单小票, file: slip.png}
  audio: {en: Call, zh: 来电, file: call.wav}
labels:
  - {name: order, en: New order, zh: 新订单, description: somebody wants bread}
  - {name: complaint, en: Complaint, zh: 投诉, description: the bread was bad}
  - {name: praise, en: Praise, zh: 表扬, description: the bread was good}
"""
WORLD = """\
people: callers
missing: 0.1
prior: {order: 0.4, complaint: 0.3, praise: 0.3}
findings:
  topic:
    input: text
    table: |
      given      bread    cake    unsaid
      order         80      10        10
      complaint     10      70        20
      praise        20      30        50
  slip:
    input: image
    table: |
      given      bill    note
      order        90      10
      complaint    40      60
      praise       10      90
  mood:
    input: audio
    table: |
      given      calm   angry  anxious   tired
      order        70       5       15      10
      complaint     5      80       10       5
      praise       60       5        5      30
  ending:
    input: audio
    table: |
      given      rising  falling
      order          80       20
      complaint      30       70
      praise         20       80
  place:
    input: audio
    table: |
      given      quiet   street   beeps
      order         50       40      10
      complaint     30       30      40
      praise        60       30      10
papers:
  slip:
    bill: {heads: [BILL, INVOICE], layout: table}
    note: {heads: [NOTE, LETTER], layout: letter, emblem: house}
"""
_SAID = {
    "opening": ("Good day {number}.", "您好{number}。"),
    "aside": ("The sun shines {number}.", "今天晴{number}。"),
    "topic bread": ("Rolls and loaves {number}.", "要面包{number}。"),
    "topic cake": ("It is the cake {number}.", "是蛋糕{number}。"),
}


def phrases() -> str:
    """Return a phrasebook with two sentences for each thing to say, in both languages and both halves."""
    lines: list[str] = []
    for key, said in _SAID.items():
        lines.append(f"@ {key}")
        for mark, (language, sentence) in itertools.product(("", "*"), zip(("en", "zh"), said, strict=True)):
            lines += [f"{language}{mark} {sentence}", f"{language}{mark} {sentence} {sentence}"]
    return "\n".join(lines) + "\n"


def write_bakery(folder: Path, **files: str) -> Path:
    """Write the folder; `files` (with `_` for the dot) take the place of its own, an empty one is left out."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"domain_yaml": DOMAIN, "world_yaml": WORLD, "phrases_txt": phrases()} | files
    for name, content in whole.items():
        if content:
            (folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
    return folder
