"""Special-category values at the rates of England's secondary schools."""

from __future__ import annotations

from typing import Final

from server.demo.draw import Draw
from server.demo.people import Learner

# Every code is given once, whatever chance says, before the rates are drawn.
ETHNICITIES: Final = (
    "WBRI", "WIRI", "WIRT", "WROM", "WOTH", "MWBC", "MWBA", "MWAS", "MOTH", "AIND", "APKN", "ABAN", "AOTH", "CHNE",
    "BCRB", "BAFR", "BOTH", "OOTH", "REFU", "NOBT",
)  # fmt: skip
NEEDS: Final = (
    ("SPLD", 20.0), ("MLD", 15.0), ("SEMH", 22.0), ("SLCN", 17.0), ("ASD", 14.0), ("HI", 2.0), ("VI", 1.5), ("PD", 3.0),
    ("OTH", 3.0), ("NSA", 3.0), ("DS", 0.5),
)  # fmt: skip
CONDITIONS: Final = (
    "Asthma, carries an inhaler", "Type 1 diabetes, insulin pump", "Epilepsy, care plan held", "Nut allergy, carries two pens",
    "Coeliac disease", "Migraine", "Hearing aid, left ear", "Juvenile arthritis", "Eczema", "Anxiety, seen by the clinic",
)  # fmt: skip
ARRANGEMENTS: Final = (
    "25% extra time",
    "Reader",
    "Scribe",
    "Rest breaks",
    "Word processor",
    "Coloured overlay",
    "Separate room",
)


def give_special(learners: list[Learner], seed: str) -> None:
    draw = Draw(f"{seed} special")
    for place, learner in enumerate(learners):
        _give(draw, learner)
        if place < len(ETHNICITIES) and len(learners) > 200:
            learner.special["Ethnicity"] = ETHNICITIES[place]


def _give(draw: Draw, learner: Learner) -> None:
    values = learner.special
    values["Ethnicity"] = learner.ethnicity
    provision = draw.weighted((("N", 0.83), ("K", 0.13), ("E", 0.04)))
    values["SEN provision"] = provision
    if provision != "N":
        learner.ability -= 0.5 if provision == "K" else 0.9
        count = draw.weighted(((1, 0.7), (2, 0.25), (3, 0.05)))
        values["SEN needs"] = "; ".join(dict.fromkeys(draw.weighted(NEEDS) for _ in range(count)))
        if draw.chance(0.45):
            values["Access arrangements"] = "; ".join(dict.fromkeys(draw.one(ARRANGEMENTS) for _ in range(2)))
    if draw.chance(0.08):
        values["Medical"] = draw.one(CONDITIONS)
    looked_after = draw.chance(0.008)
    adopted = not looked_after and draw.chance(0.012)
    meals = draw.chance(0.24)
    service = draw.chance(0.02)
    values["Free school meals"] = "Y" if meals else "N"
    values["Service child"] = "Y" if service else draw.weighted((("N", 0.97), ("U", 0.02), ("R", 0.01)))
    values["Looked after"] = "L" if looked_after else (draw.one("AGC") if adopted else "N")
    if looked_after or adopted:
        values["Pupil premium"] = "LOOKED_AFTER" if looked_after else "PREVIOUSLY_LOOKED_AFTER"
    elif meals or draw.chance(0.015):
        values["Pupil premium"] = "EVER_6_FSM"
        learner.ability -= 0.25
    elif service:
        values["Pupil premium"] = "EVER_6_SERVICE"
