-- Writes rows of a load, and notes in the load's journal what each replaced.
-- KEYS: rows, journal.   ARGV: 'all', 'new' (only rows that are not there yet) or 'note' (nothing is written), then field
-- and value, pairs.
-- A field of the journal begins with 16 digits of the SHA-1 of what the load wrote last; '+' and the row from before the
-- load follow, or '-' where there was none.
-- Returns how many rows were not there.
local mode, created = ARGV[1], 0
for i = 2, #ARGV, 2 do
  local field, value = ARGV[i], ARGV[i + 1]
  local old = redis.call('HGET', KEYS[1], field)
  if not old then created = created + 1 end
  if mode ~= 'new' or not old then
    local noted = redis.call('HGET', KEYS[2], field)
    local before = noted and string.sub(noted, 17) or (old and '+' .. old or '-')
    if mode == 'note' then
      value = old or ''
    else
      redis.call('HSET', KEYS[1], field, value)
    end
    redis.call('HSET', KEYS[2], field, string.sub(redis.sha1hex(value), 1, 16) .. before)
  end
end
return created
