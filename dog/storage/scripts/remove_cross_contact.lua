-- Takes a verdict out of the wide ledger.
-- KEYS: the tenant's wide ledger, the tenant's head.   ARGV: digest of the event's id.
-- Returns 1 taken out, 0 it was not there.
local records = redis.call('GET', KEYS[1]) or ''
for place = 1, #records, 48 do
  if string.sub(records, place + 8, place + 15) == ARGV[1] then
    redis.call('SET', KEYS[1], string.sub(records, 1, place - 1) .. string.sub(records, place + 48))
    redis.call('HINCRBY', KEYS[2], 'wide', 1)
    return 1
  end
end
return 0
