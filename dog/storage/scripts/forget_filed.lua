-- Deletes entries of the index of archived decisions, as far as they point where they are said to.
-- KEYS: a bucket for each entry.   ARGV: for each its field, its place.   Returns how many were deleted.
local gone = 0
for i = 1, #KEYS do
  if redis.call('HGET', KEYS[i], ARGV[2 * i - 1]) == ARGV[2 * i] then
    gone = gone + redis.call('HDEL', KEYS[i], ARGV[2 * i - 1])
  end
end
return gone
