-- shared: fence
-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: fence of back-fills, buckets of ids.   ARGV: how many claims each bucket has (4 bytes each), the claims, bucket
-- by bucket: id (12 bytes), value (26 bytes, the first 8 of them the body's fingerprint); the load, empty without one.
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local ID, CLAIM, FINGERPRINT, MOST = 12, 38, 8, 2000
local sub, call = string.sub, redis.call
local counts, claims = ARGV[1], ARGV[2]
local refused = refusal(call('GET', KEYS[1]), ARGV[3])
if refused then return refused end
local answers, at = {}, 0

local function claim(bucket, count)
  local ids, values, new = {}, {}, {}
  for i = 1, count do
    ids[i], values[i] = sub(claims, at + 1, at + ID), sub(claims, at + ID + 1, at + CLAIM)
    at = at + CLAIM
  end
  local known, seen = call('HMGET', bucket, unpack(ids)), {}
  for i, id in ipairs(ids) do
    local value, before, answer = values[i], known[i] or seen[id], 0
    if not before then
      seen[id], new[#new + 1], new[#new + 2], answer = value, id, value, 1
    elseif sub(before, 1, FINGERPRINT) ~= sub(value, 1, FINGERPRINT) then
      answer = -1
    end
    answers[#answers + 1] = answer
  end
  if #new > 0 then call('HSET', bucket, unpack(new)) end
end

for i = 2, #KEYS do
  local left = struct.unpack('<I4', counts, 4 * i - 7)
  while left > 0 do
    claim(KEYS[i], math.min(left, MOST))
    left = left - MOST
  end
end
return answers
