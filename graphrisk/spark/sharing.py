"""Innocent sharing in blocks: what a thing's owner has to know of its users is sent to it.

To judge a thing takes all its users, all that they use, and how many others use that. So each
account's owner sends its uses to the owners of its things, and these judge with the rules of
``graphrisk.graph.sharing``. Homes and dormitories that other blocks own are asked for between.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graphrisk.compiled import Floats, Ints
from graphrisk.graph.linkgraph import LinkGraph
from graphrisk.graph.sharing import (
    SHARING_KINDS,
    Judged,
    Sharing,
    home_probs,
    judge,
    named_dormitories,
    of_dormitories,
)
from graphrisk.graph.things import Things, Users
from graphrisk.graph.uses import Uses, uses_of_kinds
from graphrisk.graph.verdicts import SHARING_FACTS, Verdicts
from graphrisk.model.column import Column
from graphrisk.model.kinds import IDENTIFIER_KINDS, SharingKind
from graphrisk.spark.block import Block
from graphrisk.spark.counting import counted_with_halo, places_of
from graphrisk.spark.crowds import (
    Crowds,
    count_under_roofs,
    damped_uses,
    n_busiest,
    send_arrivals,
    tell_tied,
)
from graphrisk.spark.place import Site

_USE_SCHEMA = {
    "account": pl.Int64, "kind": pl.String, "id": pl.String, "begun_us": pl.Int64,
    "ended_us": pl.Int64, "n_users": pl.Int64, "is_open": pl.Boolean, "came_us": pl.Int64,
    "n_own_kinds": pl.UInt8, "n_kinds": pl.UInt8, "block": pl.Int32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Context:
    """All shared things that the users of own things use, and who owns them.

    Attributes
    ----------
    things
        All that these accounts use.
    accounts
        Their numbers among the entities of all blocks, rising, shape (n_accounts,), int64.
    names
        ``kind, id, block`` of each of the things.
    is_open, is_own
        Things that are no protected hub, and those that this block owns, shape (n_things,).
    place
        Which divided hub each thing is, ``-1`` for none, shape (n_things,).
    """

    things: Things
    accounts: NDArray[np.int64]
    names: pl.DataFrame
    is_open: NDArray[np.bool_]
    is_own: NDArray[np.bool_]
    place: NDArray[np.int64]


def uses(site: Site) -> None:
    """Send each own account's uses of shared things to the owners of these.

    What it uses alone says two things of it, which are sent along: when it came, and of how many
    kinds it has things to itself.
    """
    block: Block = site.recall("block")
    counted = counted_with_halo(site, block)
    site.keep("whole", counted)
    site.keep("numbers", counted.number)
    graph = block.graph
    found = uses_of_kinds(graph, IDENTIFIER_KINDS)
    n_users = counted.n_accounts[found.identifier]
    users = Users.of(found, n_users, graph.kind_code, graph.kinds, len(graph.accounts))
    crowds = Crowds.of(block, found, users, counted.n_accounts)
    site.keep("crowds", crowds)
    send_arrivals(site, crowds)
    shared = block.is_own[graph.accounts[found.account]] & (n_users > 1)
    found, n_users = found.where(shared), n_users[shared]
    account = graph.accounts[found.account]
    rows = pl.DataFrame(
        {
            "account": counted.number[account],
            "kind": pl.Series(graph.kinds, dtype=pl.String).gather(
                graph.kind_code[found.identifier]
            ),
            "id": graph.entity_id.gather(found.identifier),
            "begun_us": found.begun_us,
            "ended_us": found.ended_us,
            "n_users": n_users,
            "is_open": counted.protected[found.identifier] < 0,
            "came_us": users.came_us[found.account],
            "n_own_kinds": users.n_own_kinds[found.account],
            "n_kinds": users.n_kinds[found.account],
        }
    )
    block_of = site.shared("divided").owners(rows["kind"], rows["id"], site.n_blocks)
    rows = rows.with_columns(block=pl.Series(block_of))
    asking = rows.filter(pl.col("block") >= 0).select("account", to="block").unique()
    copies = rows.join(asking, on="account", how="inner")
    site.send("uses", {
        int(to): part.drop("to") for (to,), part in copies.group_by("to")
    })  # fmt: skip


def homes(site: Site) -> Ints:
    """Say how surely own addresses are homes, to the owners of what else their people use.

    Says as well whom own things tie to other users of a crowd's thing, and returns how many came
    together to each crowd that this block counts, shape (n_hubs,).
    """
    run, n_hubs = site.shared("run"), site.shared("divided").names.height
    context = _context(site)
    site.keep("context", context)
    rules = run.policy.innocent_sharing
    prob = home_probs(context.things, context.is_open, rules, context.is_own)
    _tell_owners(site, context, "homes", np.where(context.is_own, prob, 0.0))
    own_ties = context.is_open & context.is_own
    tell_tied(site, context.things, context.accounts, own_ties, context.place, rules)
    return n_busiest(site, n_hubs, rules)


def shared(site: Site, verdicts: Verdicts) -> pl.DataFrame:
    """Judge own things, and say which are dormitories, to the owners of what else they use.

    ``verdicts`` are of divided hubs. Returns how many users of networks among these live under
    one roof; see ``crowds.count_under_roofs``.
    """
    run, context = site.shared("run"), site.recall("context")
    home_prob = _told(site, context, "homes")
    judged = judge(
        context.things, context.is_open, run.policy.innocent_sharing, context.is_own, home_prob
    )
    site.keep("judged", judged)
    is_roof = judged.kind == SHARING_KINDS.index(SharingKind.DORMITORY)
    _tell_owners(site, context, "roofs", is_roof.astype(np.float64))
    return count_under_roofs(
        context.things, is_roof, context.place, site.recall("crowds"), verdicts
    )


def named(site: Site, verdicts: Verdicts, n_most: Ints) -> None:
    """Name networks after where their users live, and tell neighbours what is shared how.

    ``verdicts`` are of divided hubs, and ``n_most`` is how many of the users of each live under
    one roof, shape (n_hubs,).
    """
    block: Block = site.recall("block")
    context, judged = site.recall("context"), site.recall("judged")
    is_dormitory = verdicts.kind == SHARING_KINDS.index(SharingKind.DORMITORY)
    is_roof = _told(site, context, "roofs") > 0
    is_roof |= np.append(is_dormitory, False)[context.place]  # the last is no hub
    kind = of_dormitories(context.things, judged.kind, is_roof)
    hub_kind = named_dormitories(verdicts.kind, site.shared("hubs").n_accounts, n_most)
    sharing = _own(site, block, context, judged, kind, verdicts, hub_kind)
    site.keep("sharing", sharing)
    probs, passes = sharing.prob, sharing.passes
    outgoing = {}
    for other, near in block.near.items():
        at = np.flatnonzero(sharing.kind[block.mine[other]] >= 0)
        number = block.mine[other][at]
        row = np.searchsorted(sharing.number, number)
        told = (at, sharing.kind[number], probs[number], sharing.n_showing[row],
                sharing.n_known[row])  # fmt: skip
        damped = np.flatnonzero(passes[near] != 1.0)
        outgoing[other] = told, (damped, passes[near[damped]])
    site.send("shared", outgoing)


def sharing_with_halo(site: Site, block: Block) -> Sharing:
    """Return what is shared innocently, with what owners said of the halo."""
    sharing: Sharing = site.recall("sharing")
    kind, prob, passes = sharing.kind.copy(), sharing.prob.copy(), sharing.passes.copy()
    counted = np.zeros((2, len(kind), len(SHARING_FACTS)), dtype=np.int64)
    counted[:, sharing.number] = sharing.n_showing, sharing.n_known
    for other, ((at, *told), (damped, share)) in site.receive("shared"):
        number = block.halo[other][at]
        kind[number], prob[number], counted[0, number], counted[1, number] = told
        passes[block.far[other][damped]] = share
    known = np.flatnonzero(kind >= 0)
    return Sharing(
        kind, prob, known, counted[0, known], counted[1, known], Column.of(passes, usual=1.0)
    )


def _context(site: Site) -> Context:
    """Lay out what accounts' owners sent."""
    parts = [part for _, part in site.receive("uses")]
    rows = pl.concat([pl.DataFrame(schema=_USE_SCHEMA), *parts])
    names = rows.select("kind", "id", "n_users", "is_open", "block").unique(
        ["kind", "id"], keep="any"
    ).sort("kind", "id").with_row_index("thing")  # fmt: skip
    rows = rows.join(names.select("kind", "id", "thing"), on=["kind", "id"], how="inner")
    account = rows["account"].rank("dense").cast(pl.Int64) - 1
    rows = rows.with_columns(place=account).sort("thing", "place")
    kinds = tuple(sorted(str(kind) for kind in IDENTIFIER_KINDS))
    code = names["kind"].cast(pl.Enum(kinds)).to_physical().cast(pl.Int16).to_numpy()
    used = Uses(
        rows["thing"].cast(pl.Int64).to_numpy(), rows["place"].to_numpy(),
        rows["begun_us"].to_numpy(), rows["ended_us"].to_numpy(),
    )  # fmt: skip
    of_account = rows.unique("account", keep="any").sort("account")
    users = Users(*(of_account[spec.name].to_numpy() for spec in fields(Users)))
    things = Things.laid_out(used, code, kinds, users, names["n_users"].to_numpy())
    return Context(
        things, of_account["account"].to_numpy(), names.select("kind", "id", "block"),
        names["is_open"].to_numpy(), (names["block"] == site.block).to_numpy(),
        site.shared("divided").places(names["kind"], names["id"]),
    )  # fmt: skip


def _tell_owners(site: Site, context: Context, post: str, value: Floats) -> None:
    """Send what is said of own things to the owners of all else that their users use."""
    things = context.things
    said = pl.DataFrame(
        {
            "place": things.uses.account,
            "thing": things.thing,
            "value": value[things.thing],
            "to": context.names["block"].gather(things.thing),
        }
    )
    telling = said.filter((pl.col("value") > 0) & pl.Series(context.is_own[things.thing]))
    asking = said.select("place", "to").unique()
    asking = asking.filter((pl.col("to") != site.block) & (pl.col("to") >= 0))
    pairs = telling.drop("to").join(asking, on="place").select("thing", "value", "to").unique()
    names = (
        context.names.select("kind", "id")
        .with_row_index("thing")
        .with_columns(pl.col("thing").cast(pl.Int64))
    )
    pairs = pairs.with_columns(pl.col("thing").cast(pl.Int64)).join(names, on="thing")
    site.send(post, {
        int(to): part.select("kind", "id", "value") for (to,), part in pairs.group_by("to")
    })  # fmt: skip
    site.keep(post, value)


def _told(site: Site, context: Context, post: str) -> Floats:
    """Return what is said of all things, own and others', shape (n_things,)."""
    value: Floats = site.recall(post).copy()
    parts = [part for _, part in site.receive(post)]
    if parts:
        told = pl.concat(parts).unique(["kind", "id"], keep="any")
        every = context.names.select("kind", "id").join(
            told, on=["kind", "id"], how="left", maintain_order="left"
        )["value"].fill_null(0.0).to_numpy()  # fmt: skip
        value = np.where(context.is_own, value, every)
    return value


def _own(
    site: Site, block: Block, context: Context, judged: Judged, kind: NDArray[np.int8],
    verdicts: Verdicts, hub_kind: NDArray[np.int8],
) -> Sharing:  # fmt: skip
    """Carry what was found over to this block's entities and slots.

    ``kind`` and ``hub_kind`` are what things, and divided hubs, are named.
    """
    graph, hubs, places = block.graph, block.hubs, block.places
    number = graph.index.encode_mixed(context.names["kind"], context.names["id"])
    here = np.flatnonzero(context.is_own & (number >= 0) & (kind >= 0))
    at_hub = np.flatnonzero(hub_kind[places] >= 0)
    entity_kind = np.full(graph.n_entities, -1, dtype=np.int8)
    entity_prob = np.zeros(graph.n_entities)
    known, at = np.concatenate([number[here], hubs[at_hub]]).astype(np.int64), places[at_hub]
    entity_kind[known] = np.concatenate([kind[here], hub_kind[at]])
    entity_prob[known] = np.concatenate([judged.prob[here], verdicts.prob[at]])
    counted = np.concatenate([judged.counted[:, here], verdicts.counted[:, at]], axis=1)
    order = np.argsort(known)
    n_showing, n_known = counted[:, order]
    damped = pl.concat(
        [
            _damped_uses(context, judged.passes, number, site.recall("whole").number),
            damped_uses(site, block, verdicts),
        ]
    )
    passes = Column.of(_passes(graph, damped), usual=1.0)
    return Sharing(entity_kind, entity_prob, known[order], n_showing, n_known, passes)


def _damped_uses(
    context: Context,
    passes: Floats,
    thing_number: NDArray[np.int32],
    global_number: NDArray[np.int64],
) -> pl.DataFrame:
    """List the uses of own things over which less passes: ``row, account, passes``."""
    things = context.things
    damped = np.flatnonzero((passes < 1) & context.is_own[things.thing])
    account = places_of(global_number, context.accounts[things.uses.account[damped]])
    return pl.DataFrame(
        {
            "row": thing_number[things.thing[damped]].astype(np.int64),
            "account": account,
            "passes": passes[damped],
        }
    )


def _passes(graph: LinkGraph, damped: pl.DataFrame) -> Floats:
    """Give each slot from a thing to an account the share of its use; all others pass all."""
    row = graph.row_of_slot()
    is_damped = np.zeros(graph.n_entities, dtype=bool)
    is_damped[damped["row"].to_numpy()] = True
    slots = np.flatnonzero(is_damped[row])
    of_slots = np.ones(len(graph.neighbor))
    asked = pl.DataFrame(
        {"row": row[slots].astype(np.int64), "account": graph.neighbor[slots].astype(np.int64)}
    )
    told = asked.join(damped, on=["row", "account"], how="left", maintain_order="left")
    of_slots[slots] = told["passes"].fill_null(1.0).to_numpy()
    return of_slots
