"""Which findings there are to be noticed: those of habit, those of slow decline, those of an acute illness.

Shared by notes and everyday observations, so that both tell of the same citizen. A finding of habit tells nothing about
the risk: it is there to be told apart.
"""

from dataclasses import dataclass

import numpy as np

from training.synthetic.chance import Floats, Ints, choose, stream
from training.synthetic.scene import Scene
from training.synthetic.wording import concepts, weights

HABIT, DECLINE, ILLNESS = 0, 1, 2
"""Why a finding is noticed."""

_HABIT_SIGNS = {
    "pain_new": 3, "memory": 2.5, "sleep": 2, "mood_low": 1.5, "constipation": 1.2, "oedema": 1.2, "dizzy_faint": 1,
    "fall_risk_balance": 1.2, "fatigue": 1.2, "skin": 1.2, "lonely": 1, "anxiety": 0.8, "cough_sputum": 0.7,
    "dyspnoea": 0.8, "urine_incont_new": 0.6, "wound_pressure": 0.5, "diabetes_dys": 0.6, "refusal": 0.7,
    "medication_change": 0.8, "agitation": 0.4, "alcohol": 0.3, "caregiver_strain": 0.4, "headache_stroke": 0.2,
    "appetite_low": 0.7, "fluid_low": 0.6, "no_answer": 0.4, "self_neglect": 0.3, "confusion_new": 0.4,
    "nausea_vomit": 0.3,
    "chest_pain": 0.2, "stool_incont": 0.3, "urine_change": 0.3, "wound_infected": 0.2, "catheter_problem": 0.2,
}  # fmt: skip
_DECLINE_SIGNS = {
    "mobility_decline": 3, "transfer_help_more": 2.5, "fatigue": 2.5, "appetite_low": 2, "weight_loss": 1.5,
    "fall_risk_balance": 1.5, "mood_low": 1, "self_neglect": 0.7, "refusal": 1, "forgets_to_eat": 0.8,
    "medication_missed": 0.8, "wound_pressure": 0.8, "caregiver_strain": 0.6, "staff_worry": 0.7, "sleep": 0.6,
    "stool_incont": 0.4, "dysphagia": 0.6, "stool_blood": 0.15, "contact_doctor_acute": 0.5, "fluid_low": 0.8,
}  # fmt: skip
_HABITS = 3  # findings a citizen is known for
_OF_HABIT = 0.6  # share of the findings of habit that are one of these


@dataclass(frozen=True, slots=True)
class Findings:
    """Draws concepts; `shown[k]` are the weights of illness `k`."""

    habits: Ints
    habit: Floats
    decline: Floats
    shown: Floats

    def concept(self, rng: np.random.Generator, citizen: Ints, why: Ints, kind: Ints) -> Ints:
        """The concept of each finding; `kind` is the illness where `why` is ILLNESS."""
        chosen = choose(rng, self.habit, len(citizen))
        own = rng.random(len(citizen)) < _OF_HABIT
        chosen = np.where(own, self.habits[citizen, rng.integers(0, _HABITS, len(citizen))], chosen)
        chosen = np.where(why == DECLINE, choose(rng, self.decline, len(citizen)), chosen)
        for illness, shown in enumerate(self.shown):
            rows = np.flatnonzero((why == ILLNESS) & (kind == illness))
            chosen[rows] = choose(rng, shown, len(rows))
        return chosen


def findings_of(scene: Scene) -> Findings:
    """The findings of a town; what a citizen is known for is drawn once."""
    rng = stream(scene.town.seed, "habits")
    habit = weights(_HABIT_SIGNS)
    shown = np.stack([weights(prodrome.signs) for prodrome in scene.town.prodromes])
    # A fifth of what illness shows is not specific to it.
    anything = np.full(len(concepts()), 1 / len(concepts()))
    shown = 0.85 * shown / shown.sum(axis=1, keepdims=True) + 0.10 * weights({"staff_worry": 1.0, "fatigue": 1.0}) / 2
    return Findings(
        habits=choose(rng, habit, scene.people.size * _HABITS).reshape(-1, _HABITS),
        habit=habit,
        decline=weights(_DECLINE_SIGNS),
        shown=shown + 0.05 * anything,
    )
