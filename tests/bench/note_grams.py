"""A second view of notes, for measuring whether it pays: character n-grams, a linear model, aggregates a citizen.

A note's score is a logistic regression on TF-IDF of the character n-grams of its words, learnt from whether the citizen
was admitted within 30 days of when the note was known. The kernel aggregates the scores. Rows learnt from are scored
by text models that never saw their citizens, which favours the text: a text model of an earlier time has less to learn
from. What does not pay like this does not pay at all.
"""

import re
from dataclasses import replace

import numpy as np
import pyarrow as pa
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression

from models.engines.local import Matrix, labels
from models.events import SCHEMA, Events, instants
from models.features.build import build
from models.features.spec import Aggregate, Aggregation, Catalogue, Compared, Comparison, Feature, Signal, Window
from models.snapshot import Snapshot
from models.truth.label import DEFAULT_POLICY
from models.windows import local_days
from service.storage import facts
from service.storage.database import Database
from training.matrix.rows import Rows, folds

FOLDS = 4
_INVERSE_PENALTY = 0.03
_NEGATIVES = 3
_NUMBER = re.compile(r"\d+")


def joined(
    database: Database, snapshot: Snapshot, rows: Rows, ranked: Matrix, known_before: int
) -> tuple[Rows, NDArray[np.float32]]:
    """The rows with aggregates of note scores as more columns, and the same for the ranked ones, whole matrix."""
    with database.read() as session:
        notes = pa.concat_tables(list(facts.rows_for_projection(session, "notes")))
    grams = _grams(notes["text"].to_pylist())
    citizen, known = notes["citizen"].to_numpy(), local_days(instants(notes["known_from"]))
    outcome = labels(snapshot, citizen, (known + 1).astype(np.int32), DEFAULT_POLICY, known_before)
    told = outcome >= 0
    everyone = np.unique(np.concatenate([citizen, rows.citizen, ranked.citizen]))
    fold = folds(everyone, FOLDS, 1)
    of_note, of_row = (fold[np.searchsorted(everyone, who)] for who in (citizen, rows.citizen))
    catalogue = _catalogue()
    added = np.empty((len(rows), len(catalogue.names)), dtype=np.float32)
    for left_out in range(FOLDS):
        mine = of_row == left_out
        events = _events(notes, _scores(grams, outcome, told & (of_note != left_out)))
        added[mine] = build(events, rows.citizen[mine], rows.as_of[mine], catalogue)
    events = _events(notes, _scores(grams, outcome, told))
    then = build(events, ranked.citizen, ranked.as_of, catalogue)
    more = replace(rows, values=np.hstack([rows.values, added]), names=(*rows.names, *catalogue.names))
    return more, np.hstack([ranked.values, then])


def _grams(texts: list[str]) -> sp.csr_matrix:
    """TF-IDF of the n-grams of each text, shape (notes, 2^16); every number is the same number."""
    hashed = HashingVectorizer(analyzer="char_wb", ngram_range=(3, 5), n_features=1 << 16, binary=True)
    plain = [_NUMBER.sub("0", text.lower()) for text in texts]
    return TfidfTransformer().fit_transform(hashed.transform(plain))


def _scores(grams: sp.csr_matrix, outcome: NDArray[np.int8], learnt: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The score of every note by a model of the learnt ones, in standard deviations of theirs."""
    generator = np.random.default_rng(1)
    admitted, others = (np.flatnonzero(learnt & (outcome == told)) for told in (1, 0))
    others = generator.choice(others, min(others.size, _NEGATIVES * admitted.size), replace=False)
    chosen = np.concatenate([admitted, others])
    model = LogisticRegression(C=_INVERSE_PENALTY, tol=1e-3, max_iter=60).fit(grams[chosen], outcome[chosen])
    score = model.decision_function(grams)
    return ((score - score[learnt].mean()) / score[learnt].std()).astype(np.float32)


def _events(notes: pa.Table, score: NDArray[np.float32]) -> Events:
    plain = pa.table(
        {
            "citizen": notes["citizen"],
            "occurred_at": notes["observed_at"],
            "known_from": notes["known_from"],
            "superseded_at": notes["superseded_at"],
            "code": pa.array(["text"] * len(score)).dictionary_encode(),
            "value": score,
            "sequence": notes["sequence"],
        }
    )
    return Events.of([plain.cast(SCHEMA)])


def _catalogue() -> Catalogue:
    """Last, sums, means, shrunken means, largest, and change against the citizen's own usual."""

    def over(aggregation: Aggregation, end: int, first: int = 0) -> Aggregate:
        return Aggregate("text", aggregation, Window(end, first))

    usual = over(Aggregation.MEAN, 90, 7)
    definitions = [
        over(Aggregation.LAST, 30),
        *(over(Aggregation.SUM, days) for days in (3, 7, 14, 30, 90)),
        *(over(Aggregation.MEAN, days) for days in (7, 14, 30, 90, 180)),
        *(over(Aggregation.MAX, days) for days in (3, 7, 14, 30)),
        *(
            Compared(Comparison.RATIO, over(Aggregation.SUM, days), over(Aggregation.COUNT, days), prior=2.0)
            for days in (3, 7, 14, 30, 90)
        ),
        *(Compared(Comparison.DIFFERENCE, over(kind, 7), usual) for kind in (Aggregation.MEAN, Aggregation.MAX)),
    ]
    signal = Signal("text", ("text",), "text", "noter", "notes")
    return Catalogue([signal], [Feature(definition, "text", "score", "field 5") for definition in definitions])
