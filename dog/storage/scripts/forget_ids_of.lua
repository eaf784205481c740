-- Forgets all event ids of one contact, whether or not their events were applied or are still logged.
-- KEYS: buckets of ids.   ARGV: digest of the contact, bytes 11 to 26 of each id's value.
-- Returns how many.
local forgotten = 0
for i = 1, #KEYS do
  local known = redis.call('HGETALL', KEYS[i])
  for place = 1, #known, 2 do
    if string.sub(known[place + 1], 11, 26) == ARGV[1] then
      forgotten = forgotten + redis.call('HDEL', KEYS[i], known[place])
    end
  end
end
return forgotten
