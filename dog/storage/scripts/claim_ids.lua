-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: buckets of ids.   ARGV: for each bucket its claims, one after another: id (12 bytes), value (26 bytes, the
-- first 8 of them the body's fingerprint).
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local ID, CLAIM = 12, 38
local sub, call = string.sub, redis.call
local answers, count = {}, 0
for i = 1, #KEYS do
  local claims, ids, values, new, fresh = ARGV[i], {}, {}, {}, 0
  local size = #claims / CLAIM
  for n = 1, size do ids[n] = sub(claims, CLAIM * (n - 1) + 1, CLAIM * (n - 1) + ID) end
  local known = call('HMGET', KEYS[i], unpack(ids))
  for n = 1, size do
    local id, value = ids[n], sub(claims, CLAIM * (n - 1) + ID + 1, CLAIM * n)
    local held = known[n] or values[id]
    if not held then
      values[id], new[fresh + 1], new[fresh + 2] = value, id, value
      fresh, answers[count + n] = fresh + 2, 1
    else
      answers[count + n] = sub(held, 1, 8) == sub(value, 1, 8) and 0 or -1
    end
  end
  if fresh > 0 then call('HSET', KEYS[i], unpack(new)) end
  count = count + size
end
return answers
