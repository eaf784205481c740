-- Reads the first 8 bytes of each ledger: when its first record occurred, since a ledger is in the order of time.
-- KEYS: ledgers. Returns the times, one after another; a ledger that is not there adds nothing.
local times = {}
for i = 1, #KEYS do times[i] = redis.call('GETRANGE', KEYS[i], 0, 7) end
return table.concat(times)
