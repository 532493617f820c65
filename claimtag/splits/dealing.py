"""Dealing groups of sentences out to parts: no group is cut in two, and every label is spread over all parts.

First each group goes, rarest label first, where that label is lacking most (iterative stratification: Sechidis,
Tsoumakas and Vlahavas 2011, with whole groups for examples); then single moves and swaps of two groups go on as long as
they bring the parts nearer to their shares.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from claimtag.errors import OptionError
from claimtag.splits.duplicates import numbered

STEPS = 200  # moves and swaps at most; 624 groups with 18 labels took 13 to 26
SWAPPED = 1000  # groups among which swaps are looked for: with more, moves alone reach the same
_LEAST = 1e-9  # an improvement below this is rounding, and would differ from machine to machine
_DIGITS = 12  # equals stay equal whatever the machine

_Floats = NDArray[np.float64]
_Places = NDArray[np.intp]


def grouped_folds(Y: ArrayLike, groups: Sequence[Hashable], *, folds: int = 5, seed: int = 0) -> _Places:
    """The fold of each row of the indicator matrix Y: no group lies in two folds, every label is spread over all.

    `seed` settles the order of equals. The same input always gives the same folds.

    >>> grouped_folds([[1], [1], [0], [1]], ["a", "a", "b", "c"], folds=2).tolist()
    [0, 0, 1, 1]
    """
    gold = np.asarray(Y, dtype=float)
    if gold.ndim != 2 or len(gold) != len(groups):
        raise OptionError(
            f"one group a row is needed: Y has the shape {gold.shape}, there are {len(groups)} groups; "
            "Y is a matrix (sentences × labels)"
        )
    group_of = np.array(numbered(groups), dtype=np.intp)
    many = int(group_of.max(initial=-1)) + 1
    if not 2 <= folds <= many:
        raise OptionError(
            f"{folds} folds cannot be made of {many} group(s) (whole articles, duplicates together); "
            "at least 2 folds, and as many groups, are needed"
        )
    # the rows themselves count like one more label, so that folds are of about one size
    counts = np.zeros((many, gold.shape[1] + 1))
    np.add.at(counts, group_of, np.column_stack([gold, np.ones(len(gold))]))
    return deal(counts, np.full(folds, 1 / folds), seed=seed)[group_of]


def deal(counts: ArrayLike, targets: ArrayLike, *, seed: int = 0) -> _Places:
    """The part of each group, so that every part holds about its target share of every column of `counts`.

    `counts` has one row a group and one column a label, the last being the group's size; `targets` sum to 1. No part
    stays empty.

    >>> deal([[1, 4], [1, 4], [0, 4], [0, 4]], [0.5, 0.5]).tolist()
    [0, 1, 0, 1]
    """
    table, wanted = np.asarray(counts, dtype=float), np.asarray(targets, dtype=float)
    if seed < 0:
        raise OptionError(f"a seed is a whole number from 0 on, not {seed}")
    if len(table) < len(wanted):
        raise OptionError(f"{len(wanted)} parts cannot be made of {len(table)} group(s): each needs one at least")
    shares = table / np.maximum(table.sum(axis=0), 1)
    order = np.random.default_rng(seed).permutation(len(table))
    return _searched(shares, _dealt(shares, wanted, order), wanted, order)


def _dealt(shares: _Floats, targets: _Floats, order: _Places) -> _Places:
    """Groups dealt out label by label, those of the label with the fewest groups first."""
    part_of, held = np.full(len(shares), -1, dtype=np.intp), np.zeros(len(targets), dtype=np.intp)
    lacking = np.repeat(targets[:, np.newaxis], shares.shape[1], axis=1)
    holders = (shares > 0).sum(axis=0)
    holders[-1] = len(shares) + 1  # the size comes last, with the groups that have no label
    for label in np.argsort(holders, kind="stable").tolist():
        left = order[part_of[order] < 0]
        if label < shares.shape[1] - 1:
            left = left[shares[left, label] > 0]
        for group in left[np.argsort(-shares[left, label], kind="stable")].tolist():
            lack = lacking[:, [-1, label]].round(_DIGITS)
            if len(shares) - held.sum() <= (held == 0).sum():  # as many groups left as empty parts: those get them
                lack[held > 0] = -np.inf
            part = int(np.lexsort(-lack.T)[0])
            part_of[group], held[part] = part, held[part] + 1
            lacking[part] -= shares[group]
    return part_of


def _searched(shares: _Floats, part_of: _Places, targets: _Floats, order: _Places) -> _Places:
    """The parts after the best move of one group, or swap of two, was made again and again.

    What falls is the sum of squared deviations of all parts and columns from their targets. Moving group g from part
    a to b changes it by 2 s·(d_b − d_a) + 2 s·s, with s its shares and d the deviations; a swap of g and h is a move of
    s_g − s_h.
    """
    part_of = part_of.copy()
    deviations = -np.outer(targets, shares.sum(axis=0))
    np.add.at(deviations, part_of, shares)
    pull, weight = shares @ deviations.T, (shares**2).sum(axis=1)
    groups, some = np.arange(len(shares)), np.sort(order[:SWAPPED])
    likeness = shares[some] @ shares[some].T
    for _ in range(STEPS):
        away = pull - pull[groups, part_of][:, np.newaxis]
        moves = away + weight[:, np.newaxis]
        alone = np.bincount(part_of, minlength=len(targets))[part_of] == 1
        moves[groups, part_of] = 0
        moves[alone] = 0  # no part is emptied
        across = away[np.ix_(some, part_of[some])]
        swaps = across + across.T + weight[some][:, np.newaxis] + weight[some] - 2 * likeness
        swaps[part_of[some][:, np.newaxis] == part_of[some]] = 0
        group, part = divmod(int(moves.round(_DIGITS).argmin()), len(targets))
        first, second = divmod(int(swaps.round(_DIGITS).argmin()), len(some))
        if min(moves[group, part], swaps[first, second]) > -_LEAST:
            break
        changes = [(group, part)]
        if swaps[first, second] < moves[group, part] - _LEAST:
            one, other = int(some[first]), int(some[second])
            changes = [(one, int(part_of[other])), (other, int(part_of[one]))]
        for group, part in changes:
            gained = shares @ shares[group]
            pull[:, part] += gained
            pull[:, part_of[group]] -= gained
            part_of[group] = part
    return part_of
