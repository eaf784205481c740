-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: buckets of ids.   ARGV: for each bucket how many ids, then of each: id, value (8 bytes of fingerprint first).
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local answers, place = {}, 1
for i = 1, #KEYS do
  local count, ids, values, new = tonumber(ARGV[place]), {}, {}, {}
  for n = 1, count do ids[n] = ARGV[place + 2 * n - 1] end
  local known = redis.call('HMGET', KEYS[i], unpack(ids))
  for n = 1, count do
    local id, value = ids[n], ARGV[place + 2 * n]
    local held = known[n] or values[id]
    if not held then
      values[id], new[#new + 1], new[#new + 2] = value, id, value
      answers[#answers + 1] = 1
    else
      answers[#answers + 1] = string.sub(held, 1, 8) == string.sub(value, 1, 8) and 0 or -1
    end
  end
  if #new > 0 then redis.call('HSET', KEYS[i], unpack(new)) end
  place = place + 1 + 2 * count
end
return answers
