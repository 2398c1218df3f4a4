"""Innocent sharing of things whose rows are divided: networks, addresses and devices of crowds.

What each user shows, its own block knows, but for two things. Who is tied to another user, the
owners of what ties them say. How many came in the busiest window, one block counts, which is sent
nothing of each user but when it came. All else are sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Flags, Ints
from graphrisk.graph.company import busiest
from graphrisk.graph.sharing import SHARING_KINDS
from graphrisk.graph.things import Things, Users
from graphrisk.graph.uses import Uses
from graphrisk.graph.verdicts import (
    SHARING_FACTS,
    Verdicts,
    candidates,
    count_shown,
    facts_of_uses,
    has_users_for,
    leave_busiest,
    passed,
    probability,
    tying,
    with_strangers,
)
from graphrisk.model.kinds import SharingKind
from graphrisk.model.sharing_rules import InnocentSharing, SharingFact
from graphrisk.model.times import DAY_US
from graphrisk.spark.block import ENTITY_BITS, Block
from graphrisk.spark.divided import Divided
from graphrisk.spark.ends import owners
from graphrisk.spark.place import Site

_TIED = {"account": pl.Int64, "place": pl.Int64, "rule": pl.Int8}
_ROOFS = {"place": pl.Int64, "roof": pl.Int64, "n_users": pl.Int64}


@dataclass(frozen=True, slots=True)
class Crowds:
    """The users in one block of things whose rows are divided.

    Attributes
    ----------
    things
        These things and their users here; how many use each is told of all blocks.
    place
        Places of the things among all divided hubs, shape (n_things,).
    """

    things: Things
    place: Ints

    @classmethod
    def of(cls, block: Block, uses: Uses, users: Users, n_accounts: Ints) -> Crowds:
        """Lay out the uses here.

        ``users`` are all accounts of the block, and ``n_accounts`` says how many each of its
        entities has, shape (n_entities,).
        """
        graph = block.graph
        place = np.full(graph.n_entities, -1, dtype=np.int64)
        place[block.hubs] = block.places
        uses = uses.where(place[uses.identifier] >= 0)
        things = Things.laid_out(uses, graph.kind_code, graph.kinds, users)
        return cls(replace(things, n_users=n_accounts[things.number]), place[things.number])


def send_arrivals(site: Site, crowds: Crowds) -> None:
    """Send when the users here came to the block that counts who came together."""
    things, divided = crowds.things, site.shared("divided")
    came_us, known = things.came_us()
    block = owners(divided.names["kind"], divided.names["id"], site.n_blocks).tolist()
    outgoing: dict[int, list[tuple[int, Ints]]] = {}
    for number, place in enumerate(crowds.place.tolist()):
        use = slice(things.offsets[number], things.offsets[number + 1])
        outgoing.setdefault(block[place], []).append((place, came_us[use][known[use]]))
    site.send("came", outgoing)


def n_busiest(site: Site, n_hubs: int, rules: InnocentSharing) -> Ints:
    """Count who came in the busiest window of each crowd that this block counts, (n_hubs,)."""
    came: dict[int, list[Ints]] = {}
    for _, told in site.receive("came"):
        for place, came_us in told:
            came.setdefault(place, []).append(came_us)
    found = np.zeros(n_hubs, dtype=np.int64)
    window_us = int(rules.burst_days * DAY_US)
    for place, parts in came.items():
        came_us = np.concatenate(parts)
        whole = np.array([0, len(came_us)])
        every = np.ones(len(came_us), dtype=bool)
        found[place] = busiest(whole[:1], whole, came_us, every, window_us)[0]
    return found


def tell_tied(
    site: Site, things: Things, accounts: Ints, is_open: Flags, place: Ints, rules: InnocentSharing
) -> None:
    """Tell the blocks of accounts which of them own things tie to others in a crowd.

    ``accounts`` are the numbers of accounts among the entities of all blocks. ``is_open`` marks own
    things that are no protected hub, and ``place`` says which divided hub each thing is, ``-1`` for
    none, shape (n_things,).
    """
    in_crowd = place[things.thing] >= 0
    crowd = pl.DataFrame({"user": things.uses.account[in_crowd], "thing": things.thing[in_crowd]})
    found = [pl.DataFrame(schema=_TIED)]
    for code, rule in enumerate(rules.rules().values()):
        ties = tying(things, is_open, rule, rules)[things.thing]
        tied = pl.DataFrame({"user": things.uses.account[ties], "by": things.thing[ties]})
        judged = crowd.filter(pl.Series(things.is_of(rule.kinds)[crowd["thing"].to_numpy()]))
        met = tied.join(judged, on="user").filter(pl.len().over("by", "thing") > 1)
        met = met.select("user", "thing").unique()
        found.append(
            pl.DataFrame(
                {
                    "account": accounts[met["user"].to_numpy()],
                    "place": place[met["thing"].to_numpy()],
                    "rule": np.full(met.height, code, dtype=np.int8),
                }
            )
        )
    told = pl.concat(found).with_columns(to=pl.col("account") // 2**ENTITY_BITS)
    site.send("tied-in-crowds", {
        int(to): part.drop("to") for (to,), part in told.group_by("to")
    })  # fmt: skip


def _untied(site: Site, block: Block, crowds: Crowds) -> NDArray[np.bool_]:
    """Mark by rule the uses of those whom nobody tied to another user, (n_rules, n_uses)."""
    rules, things = site.shared("run").policy.innocent_sharing, crowds.things
    untied = np.ones((len(rules.rules()), len(things.thing)), dtype=bool)
    told = pl.concat([pl.DataFrame(schema=_TIED), *(
        part for _, part in site.receive("tied-in-crowds")
    )]).unique()  # fmt: skip
    if not told.height:
        return untied
    thing_at = np.full(site.shared("hubs").n_accounts.shape, -1, dtype=np.int64)
    thing_at[crowds.place] = np.arange(len(crowds.place))
    first, n_accounts = int(block.graph.accounts[0]), len(block.graph.accounts)
    account = told["account"].to_numpy() % 2**ENTITY_BITS - first
    key = things.thing * n_accounts + things.uses.account
    wanted = thing_at[told["place"].to_numpy()] * n_accounts + account
    untied[told["rule"].to_numpy(), np.searchsorted(key, wanted)] = False
    return untied


def count_facts(site: Site) -> Ints:
    """Count which facts the users here show, (n_rules, 2, n_hubs, n_facts): see ``judge``."""
    block: Block = site.recall("block")
    rules, crowds = site.shared("run").policy.innocent_sharing, site.recall("crowds")
    things, untied = crowds.things, _untied(site, block, crowds)
    site.keep("untied", untied)
    n_hubs = len(site.shared("hubs").n_accounts)
    counted = np.zeros((len(untied), 2, n_hubs, len(SHARING_FACTS)), dtype=np.int64)
    of_uses = facts_of_uses(things, rules)
    for code, rule in enumerate(rules.rules().values()):
        thing = candidates(things, rule)
        shown = count_shown(things, thing, rule, with_strangers(of_uses, untied[code]))
        counted[code][:, crowds.place[thing]] = shown
    return counted


def recognise(
    divided: Divided, n_accounts: Ints, counted: Ints, n_came: Ints, rules: InnocentSharing
) -> Verdicts:
    """Recognise crowds by what all blocks counted of them; as ``graphrisk.graph.sharing.judge``.

    ``n_came`` is how many came in the busiest window of each, and ``n_accounts`` how many use it,
    shape (n_hubs,).
    """
    verdicts = Verdicts.none(divided.names.height)
    for code, rule in enumerate(rules.rules().values()):
        is_of = divided.names["kind"].is_in(rule.kinds).to_numpy()
        thing = np.flatnonzero(divided.is_crowd & is_of & has_users_for(rule, n_accounts))
        found = counted[code][:, thing]
        if SharingFact.CAME_APART in rule.facts:
            leave_busiest(found, n_came[thing])
        prob = probability(found[0], found[1], rule, rules.doubt_accounts)
        verdicts.settle(code, thing, prob, found, rules.least_prob)
    return verdicts


def count_under_roofs(
    things: Things, is_roof: Flags, place: Ints, crowds: Crowds, verdicts: Verdicts
) -> pl.DataFrame:
    """Count how many users of networks whose rows are divided live under one roof.

    Returns ``place, roof, n_users``: for a dormitory whose row is divided its place, and the users
    here; for all others ``-1``, and all users of the one that most use. ``is_roof`` marks own
    things, and ``place`` says which divided hub each is, shape (n_things,).
    """
    network = SHARING_KINDS.index(SharingKind.SHARED_NETWORK)
    dormitory = SHARING_KINDS.index(SharingKind.DORMITORY)
    is_asked = np.append(verdicts.kind == network, False)  # the last is no hub
    whole = _under(things, is_asked[place], is_roof)
    most = whole.group_by(place=pl.Series(place)[whole["thing"]]).agg(pl.max("n_users"))
    part = _under(crowds.things, is_asked[crowds.place], verdicts.kind[crowds.place] == dormitory)
    at = pl.Series(crowds.place, dtype=pl.Int64)
    return pl.concat(
        [
            most.select("place", "n_users", roof=pl.lit(-1, pl.Int64)).select(list(_ROOFS)),
            part.select(place=at[part["thing"]], roof=at[part["roof"]], n_users="n_users"),
        ]
    )


def _under(things: Things, is_asked: Flags, is_roof: Flags) -> pl.DataFrame:
    """Count who uses each thing that is asked for, and each roof: ``thing, roof, n_users``."""
    at, under = is_asked[things.thing], is_roof[things.thing]
    users = pl.DataFrame({"user": things.uses.account[at], "thing": things.thing[at]})
    living = pl.DataFrame({"user": things.uses.account[under], "roof": things.thing[under]})
    return users.join(living, on="user").group_by("thing", "roof").agg(
        n_users=pl.len().cast(pl.Int64)
    )  # fmt: skip


def most_under_one_roof(counted: Sequence[pl.DataFrame], n_hubs: int) -> Ints:
    """Add up what blocks counted: the most users of each hub under one roof, (n_hubs,)."""
    every = pl.concat([pl.DataFrame(schema=_ROOFS), *counted])
    divided = every.filter(pl.col("roof") >= 0).group_by("place", "roof").agg(pl.sum("n_users"))
    whole = every.filter(pl.col("roof") < 0)
    most = np.zeros(n_hubs, dtype=np.int64)
    for rows in (divided, whole):
        np.maximum.at(most, rows["place"].to_numpy(), rows["n_users"].to_numpy())
    return most


def damped_uses(site: Site, block: Block, verdicts: Verdicts) -> pl.DataFrame:
    """List the uses here over which less passes: ``row, account, passes``, both by entity."""
    rules, crowds = site.shared("run").policy.innocent_sharing, site.recall("crowds")
    things = crowds.things
    if not len(crowds.place):
        return pl.DataFrame(schema={"row": pl.Int64, "account": pl.Int64, "passes": pl.Float64})
    untied = site.recall("untied")
    of_uses, passes = facts_of_uses(things, rules), np.ones(len(things.thing))
    kind, prob = verdicts.kind[crowds.place], verdicts.prob[crowds.place]
    for code, rule in enumerate(rules.rules().values()):
        use = np.flatnonzero(kind[things.thing] == code)
        facts = with_strangers(of_uses, untied[code])
        passes[use] = passed(rule, rules.floor, prob[things.thing[use]], facts, use)
    damped = np.flatnonzero(passes < 1)
    return pl.DataFrame(
        {
            "row": things.number[things.thing[damped]].astype(np.int64),
            "account": block.graph.accounts[things.uses.account[damped]].astype(np.int64),
            "passes": passes[damped],
        }
    )
