"""How good a tagger is: every metric between gold and predicted articles, and tables of them."""

from claimtag.evaluation.measuring import Evaluation, check_scheme, evaluate
from claimtag.evaluation.reporting import report

__all__ = ["Evaluation", "check_scheme", "evaluate", "report"]
