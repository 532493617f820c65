"""Two readings of the same articles made one: where they disagree, what was decided, and the final file.

Nothing is dropped: what nobody decided stands in the final file, marked as such.
"""

from claimtag.adjudicating.decisions import Decisions, read_decisions
from claimtag.adjudicating.finding import Disagreement, disagreements
from claimtag.adjudicating.merging import Adjudication, adjudicate
from claimtag.adjudicating.page import write_disagreements

__all__ = [
    "Adjudication",
    "Decisions",
    "Disagreement",
    "adjudicate",
    "disagreements",
    "read_decisions",
    "write_disagreements",
]
