"""Who may stand on which side of a split: clusters, folds, parts, their frozen files, and the gate against leaks."""

from __future__ import annotations

from claimtag.errors import LeakageError
from claimtag.splits.dealing import grouped_folds
from claimtag.splits.duplicates import duplicate_clusters
from claimtag.splits.frozen import Quality, Split, read_split, write_split
from claimtag.splits.leakage import Leak, find_leaks, refuse_leaks
from claimtag.splits.making import fold_articles, split_articles, split_by_date, split_by_source

__all__ = [
    "Leak",
    "LeakageError",
    "Quality",
    "Split",
    "duplicate_clusters",
    "find_leaks",
    "fold_articles",
    "grouped_folds",
    "read_split",
    "refuse_leaks",
    "split_articles",
    "split_by_date",
    "split_by_source",
    "write_split",
]
