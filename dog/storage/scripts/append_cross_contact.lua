-- Appends a verdict that reaches beyond its contact (market, business, account), each once.
-- KEYS: the tenant's wide ledger, the tenant's head.   ARGV: record of 48 bytes, one an event.
-- Returns how many were new.
local records, new = redis.call('GET', KEYS[1]) or '', 0
for i = 1, #ARGV do
  local id, place, known = string.sub(ARGV[i], 9, 16), 1, false
  while not known do
    place = string.find(records, id, place, true)
    if not place then break end
    known = place % 48 == 9
    place = place + 1
  end
  if not known then
    redis.call('APPEND', KEYS[1], ARGV[i])
    records, new = records .. ARGV[i], new + 1
  end
end
if new > 0 then redis.call('HINCRBY', KEYS[2], 'wide', 1) end
return new
