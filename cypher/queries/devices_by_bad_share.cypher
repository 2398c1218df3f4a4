// title: Devices by bad share
// answers: On which devices is the largest share of accounts known to be bad?
// access: read
// param n_accounts: integer = 2 · leave out devices with fewer accounts
// param n_most: integer = 100 · rows at most
// note: Bad is who carried a label against it in the current run. A share of few accounts says
//   little: look at n_accounts beside it.
// column device_id: text · the device
// column usage: text · its declared usage, if any
// column n_accounts: integer · accounts that used it
// column n_bad: integer · of which known to be bad
// column bad_share: number · n_bad by n_accounts
// column protected_as: text · why it carries no risk in the current run, if so
MATCH (current:CurrentRun {book: 'default'})
MATCH (device:Device)-[:USES_DEVICE|LINKED_TO]-(a:Account)
WITH DISTINCT current, device, a
WITH current, device, count(a) AS n_accounts,
     sum(CASE WHEN EXISTS {
       MATCH (a)<-[:FLAGS]-(seed:Flag)
       WHERE seed.run_id = current.run_id AND seed.flag STARTS WITH 'seed:'
             AND NOT seed.flag IN ['seed:good', 'seed:good_standing']
     } THEN 1 ELSE 0 END) AS n_bad
WHERE n_accounts >= $n_accounts AND n_bad > 0
CALL (current, device) {
  OPTIONAL MATCH (device)<-[:FLAGS]-(hub:Flag)
  WHERE hub.run_id = current.run_id AND hub.flag STARTS WITH 'protected_hub:'
  RETURN min(substring(hub.flag, 14)) AS protected_as
}
RETURN device.device_id AS device_id, device.usage AS usage, n_accounts AS n_accounts,
       n_bad AS n_bad, n_bad * 1.0 / n_accounts AS bad_share, protected_as AS protected_as
ORDER BY bad_share DESC, n_bad DESC, device_id
LIMIT $n_most
