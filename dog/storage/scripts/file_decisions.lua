-- Replaces decisions that are in a segment by their entries in the index; one that has changed since stays.
-- KEYS: for each decision its own key, and its bucket of the index.
-- ARGV: for each decision its field, its place in the archive, the SHA-1 of what was archived.   Returns how many moved.
local moved = 0
for i = 1, #KEYS, 2 do
  local at = (i - 1) / 2 * 3
  local record = redis.call('GET', KEYS[i])
  if record and redis.sha1hex(record) == ARGV[at + 3] then
    redis.call('HSET', KEYS[i + 1], ARGV[at + 1], ARGV[at + 2])
    redis.call('DEL', KEYS[i])
    moved = moved + 1
  end
end
return moved
