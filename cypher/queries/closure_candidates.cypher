// title: Closure candidates
// answers: Whom does the current run propose to close, and on what evidence?
// access: read
// param tiers: list of text = ["close"] · the tiers to list
// param n_evidence: integer = 5 · pieces of evidence to show of each, strongest first
// param n_most: integer = 200 · rows at most
// note: A proposal. A human must agree before anything happens to a customer.
// column account_id: text · the account
// column tier: text · what is proposed
// column risk_prob: number · its risk
// column rule: text · the rule that let it through or held it
// column reason_codes: list of text · reasons, strongest first
// column evidence: list of text · code, nats, over whom and who says so
// column evidence_path: text · the strongest path to a seed
// column status: text · the account's status, if known
MATCH (current:CurrentRun {book: 'default'})
MATCH (decision:Decision {run_id: current.run_id})-[:DECIDES]->(a:Account)
WHERE decision.tier IN $tiers
CALL (decision) {
  OPTIONAL MATCH (decision)<-[:SUPPORTS]-(e:Evidence)
  WHERE e.nats > 0
  WITH e.nats AS nats, e.reason_code AS code, coalesce(e.via, '') AS via,
       coalesce(e.source, '') AS source
  ORDER BY nats DESC, code, via, source
  WITH collect(CASE WHEN code IS NOT NULL THEN
         code + ' ' + toString(round(nats, 3))
         + CASE WHEN via = '' THEN '' ELSE ' via ' + via END
         + CASE WHEN source = '' THEN '' ELSE ' (' + source + ')' END
       END) AS lines
  RETURN lines[..$n_evidence] AS evidence
}
RETURN a.account_id AS account_id, decision.tier AS tier, decision.risk_prob AS risk_prob,
       decision.rule AS rule, decision.reason_codes AS reason_codes, evidence AS evidence,
       decision.evidence_path AS evidence_path, a.status AS status
ORDER BY risk_prob DESC, account_id
LIMIT $n_most
