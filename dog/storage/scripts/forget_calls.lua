-- Takes a contact out of the claims that calls of feedback have noted, in one go: a call may write there at any time.
-- KEYS: the notes.   ARGV: digest of the contact, then the places of calls.
local CLAIM, contact = 38, ARGV[1]
for i = 2, #ARGV do
  local claims, kept = redis.call('HGET', KEYS[1], ARGV[i]) or '', {}
  for at = 1, #claims, CLAIM do
    if string.sub(claims, at + 22, at + CLAIM - 1) ~= contact then
      kept[#kept + 1] = string.sub(claims, at, at + CLAIM - 1)
    end
  end
  if #kept == 0 then
    redis.call('HDEL', KEYS[1], ARGV[i])
  elseif #kept * CLAIM < #claims then
    redis.call('HSET', KEYS[1], ARGV[i], table.concat(kept))
  end
end
