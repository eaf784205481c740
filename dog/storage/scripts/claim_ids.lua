-- Claims event ids for their bodies, before the events are applied to their contacts.
-- An id belongs to one body in the whole tenant; the partition is the id's own, not the contact's.
-- KEYS: the id's bucket, one an event.   ARGV: id, value (8 bytes of fingerprint first), pairs.
-- Returns for each: 1 claimed now, 0 claimed before for this body, -1 claimed for another body.
local answers = {}
for i = 1, #KEYS do
  local id, value = ARGV[2 * i - 1], ARGV[2 * i]
  local answer = redis.call('HSETNX', KEYS[i], id, value)
  if answer == 0 and string.sub(redis.call('HGET', KEYS[i], id), 1, 8) ~= string.sub(value, 1, 8) then answer = -1 end
  answers[i] = answer
end
return answers
