-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: buckets of ids.   ARGV: how many claims each bucket has (4 bytes each), the claims, bucket by bucket:
-- id (12 bytes), value (26 bytes, the first 8 of them the body's fingerprint).
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local ID, CLAIM, FINGERPRINT = 12, 38, 8
local sub, call = string.sub, redis.call
local counts, claims = ARGV[1], ARGV[2]
local answers, at = {}, 0
for i, bucket in ipairs(KEYS) do
  local count = struct.unpack('<I4', counts, 4 * i - 3)
  for _ = 1, count do
    local id, value = sub(claims, at + 1, at + ID), sub(claims, at + ID + 1, at + CLAIM)
    local answer = call('HSETNX', bucket, id, value)
    if answer == 0 and sub(call('HGET', bucket, id), 1, FINGERPRINT) ~= sub(value, 1, FINGERPRINT) then answer = -1 end
    at = at + CLAIM
    answers[#answers + 1] = answer
  end
end
return answers
