"""What other libraries make of the same sentences; run by the interpreter of an environment of their own.

fastText's package carries a module of the same name as one that claimtag needs, so the two cannot share an environment.
Reads a JSON file {"learn": [[text, [label, …]], …], "score": {name: [text, …]}, "labels": […], "repeats": n} on standard
input, and writes {"scores": {name: [[…]]}, "training": seconds, "seconds": best of the repeats on "speed"} to standard
output; nothing of claimtag is imported.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

Pair = tuple[str, list[str]]
Scorer = Callable[[list[str]], list[list[float]]]
EPOCHS = 5  # of spaCy, whose own projects make about as many passes before they stop by themselves


def by_fasttext(learn: Sequence[Pair], labels: Sequence[str]) -> Scorer:
    """Supervised fastText, one against all, on words and pairs of words; other settings as in its tutorial."""
    import fasttext

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "learn.txt"
        lines = [
            " ".join([*(f"__label__{label}" for label in said or ["nothing"]), _one_line(text)]) for text, said in learn
        ]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        model = fasttext.train_supervised(
            str(path),
            loss="ova",
            lr=0.5,
            epoch=25,
            wordNgrams=2,
            dim=100,
            bucket=200_000,
            minCount=1,
            thread=1,
            verbose=0,
            seed=1,
        )

    def scores(texts: list[str]) -> list[list[float]]:
        rows = []
        for text in texts:
            names, values = model.predict(_one_line(text), k=-1)
            found = dict(zip(names, values.tolist(), strict=True))
            rows.append([min(1.0, found.get(f"__label__{label}", 0.0)) for label in labels])
        return rows

    return scores


def by_spacy(learn: Sequence[Pair], labels: Sequence[str]) -> Scorer:
    """spaCy's textcat_multilabel as it comes, on a blank French pipeline."""
    import spacy
    from spacy.training import Example

    spacy.util.fix_random_seed(1)
    nlp = spacy.blank("fr")
    pipe = nlp.add_pipe("textcat_multilabel")
    for label in labels:
        pipe.add_label(label)
    examples = [
        Example.from_dict(nlp.make_doc(text), {"cats": {label: float(label in said) for label in labels}})
        for text, said in learn
    ]
    optimizer = nlp.initialize(lambda: examples)
    order = random.Random(1)
    for _ in range(EPOCHS):
        order.shuffle(examples)
        for batch in spacy.util.minibatch(examples, size=64):
            nlp.update(batch, sgd=optimizer, drop=0.2)
    return lambda texts: [[doc.cats[label] for label in labels] for doc in nlp.pipe(texts, batch_size=256)]


def _one_line(text: str) -> str:
    return " ".join(text.lower().split())


def main() -> None:
    rival = {"fasttext": by_fasttext, "spacy": by_spacy}[sys.argv[1]]
    asked = json.load(sys.stdin)
    began = time.perf_counter()
    scores = rival([(text, list(labels)) for text, labels in asked["learn"]], asked["labels"])
    training = time.perf_counter() - began
    made = {name: scores(texts) for name, texts in asked["score"].items()}
    seconds = []
    for _ in range(asked["repeats"]):
        began = time.perf_counter()
        scores(asked["score"]["speed"])
        seconds.append(time.perf_counter() - began)
    json.dump({"scores": made, "training": training, "seconds": min(seconds, default=0.0)}, sys.stdout)


if __name__ == "__main__":
    main()
