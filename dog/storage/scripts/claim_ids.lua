-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: buckets of ids.   ARGV: for each bucket its claims, one after another: id (12 bytes), value (26 bytes, the
-- first 8 of them the body's fingerprint).
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local ID, CLAIM = 12, 38
local answers = {}
for i = 1, #KEYS do
  local claims, ids, values, new = ARGV[i], {}, {}, {}
  for at = 1, #claims, CLAIM do ids[#ids + 1] = string.sub(claims, at, at + ID - 1) end
  local known = redis.call('HMGET', KEYS[i], unpack(ids))
  for n, id in ipairs(ids) do
    local value = string.sub(claims, CLAIM * (n - 1) + ID + 1, CLAIM * n)
    local held = known[n] or values[id]
    if not held then
      values[id], new[#new + 1], new[#new + 2] = value, id, value
      answers[#answers + 1] = 1
    else
      answers[#answers + 1] = string.sub(held, 1, 8) == string.sub(value, 1, 8) and 0 or -1
    end
  end
  if #new > 0 then redis.call('HSET', KEYS[i], unpack(new)) end
end
return answers
