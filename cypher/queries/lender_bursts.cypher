// title: Lender bursts
// answers: Which accounts asked many lenders within a few days?
// access: read
// param window_days: number = 7 · days from the first application of a burst to its last
// param n_lenders: integer = 4 · lenders that make a burst
// param since: time, optional · leave out earlier applications
// param until: time, optional · leave out applications from then on
// param n_most: integer = 100 · rows at most
// note: One row an account: the burst with the most lenders, the earliest of equals. Comparing
//   offers looks the same from here; the analysis counts it for less (signals.lender_burst).
// column account_id: text · who asked
// column n_lenders: integer · lenders asked in the burst
// column lenders: list of text · which
// column first_at: time · the burst's first application
// column last_at: time · its last one
// column tier: text · the account's tier in the current run
MATCH (a:Account)-[r:APPLIED_TO]->(l:Lender)
WHERE r.applied_at_us IS NOT NULL AND ($since IS NULL OR r.applied_at_us >= $since)
      AND ($until IS NULL OR r.applied_at_us < $until)
WITH a, r.applied_at_us AS asked_at, l.lender_id AS lender_id
WITH a, collect({asked_at: asked_at, lender_id: lender_id}) AS asked
WHERE size(asked) >= $n_lenders
UNWIND asked AS first
WITH DISTINCT a, asked, first.asked_at AS first_at
UNWIND asked AS one
WITH a, first_at, one.asked_at AS asked_at, one.lender_id AS lender_id
WHERE asked_at >= first_at AND asked_at <= first_at + $window_days * 86400000000
WITH a, first_at, lender_id, max(asked_at) AS asked_at
ORDER BY lender_id
WITH a, first_at, collect(lender_id) AS lenders, max(asked_at) AS last_at
WHERE size(lenders) >= $n_lenders
WITH a, first_at, lenders, last_at, size(lenders) AS n
ORDER BY n DESC, first_at
WITH a, collect({first_at: first_at, last_at: last_at, lenders: lenders}) AS bursts
WITH a, bursts[0].lenders AS lenders, bursts[0].first_at AS first_at, bursts[0].last_at AS last_at
OPTIONAL MATCH (current:CurrentRun {book: 'default'})
OPTIONAL MATCH (a)<-[:DECIDES]-(decision:Decision {run_id: current.run_id})
RETURN a.account_id AS account_id, size(lenders) AS n_lenders, lenders AS lenders,
       first_at AS first_at, last_at AS last_at, decision.tier AS tier
ORDER BY n_lenders DESC, first_at, account_id
LIMIT $n_most
