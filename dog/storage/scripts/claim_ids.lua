-- shared: fence
-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: fence of back-fills, buckets of ids.   ARGV: how many claims each bucket has (4 bytes each), the claims, bucket
-- by bucket: id (12 bytes), value (26 bytes, the first 8 of them the body's fingerprint); the load, empty without one.
-- Returns a byte for each: 2 claimed now, 1 claimed before for this body, 0 claimed for another body.
local CLAIM, FINGERPRINT, MOST, PAIR = 38, 8, 2000, 'c12c26'
local sub, call = string.sub, redis.call
local counts, claims = ARGV[1], ARGV[2]
local refused = refusal(call('GET', KEYS[1]), ARGV[3])
if refused then return refused end
local NEW, KNOWN, OTHER = '\2', '\1', '\0'
local answers, done = {}, 0

local function claim(bucket, count)
  local found = { struct.unpack(string.rep(PAIR, count), claims, done * CLAIM + 1) }
  local ids, seen, new = {}, {}, 0
  for i = 1, count do ids[i] = found[2 * i - 1] end
  local known = call('HMGET', bucket, unpack(ids))
  for i, id in ipairs(ids) do
    local value = found[2 * i]
    local before, answer = known[i] or seen[id], KNOWN
    if not before then
      seen[id], found[new + 1], found[new + 2], answer = value, id, value, NEW -- those to write come first
      new = new + 2
    elseif sub(before, 1, FINGERPRINT) ~= sub(value, 1, FINGERPRINT) then
      answer = OTHER
    end
    answers[done + i] = answer
  end
  done = done + count
  if new > 0 then call('HSET', bucket, unpack(found, 1, new)) end
end

for i = 2, #KEYS do
  local left = struct.unpack('<I4', counts, 4 * i - 7)
  while left > 0 do
    claim(KEYS[i], math.min(left, MOST))
    left = left - MOST
  end
end
return table.concat(answers)
