"""Claims: who says what. `extract` gives an article's claims, `train` a model from annotated articles."""

from claimtag.claims.attribution import extract
from claimtag.claims.model import ClaimModel
from claimtag.claims.training import out_of_fold, train

__all__ = ["ClaimModel", "extract", "out_of_fold", "train"]
