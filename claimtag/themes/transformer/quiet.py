"""transformers without its traces: what it logs, shows and sets for the whole process is as before afterwards."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def quiet() -> Iterator[None]:
    """transformers says nothing inside; its verbosity, its bars and the environment are as before afterwards."""
    environment = dict(os.environ)
    try:
        from transformers.utils import logging

        verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(verbosity)
            if bars:
                logging.enable_progress_bar()
    finally:
        for name in os.environ.keys() - environment.keys():
            del os.environ[name]
        os.environ.update(environment)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Chance begins at the seed inside; the generators of random, NumPy and torch are as before afterwards."""
    import torch

    own, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng():
        try:
            random.seed(seed)
            np.random.seed(seed % 2**32)
            torch.manual_seed(seed)
            yield
        finally:
            random.setstate(own)
            np.random.set_state(numpys)
