-- Writes rows of a load, and notes in the load's journal what each replaced.
-- KEYS: rows, journal.   ARGV: 'all', 'new' (only rows that are not there yet) or 'note' (nothing is written), then field
-- and value, pairs.
-- A field of the journal begins with 16 digits of the SHA-1 of what the load wrote last; '+' and the row from before the
-- load follow, or '-' where there was none.
-- Returns how many rows were not there.
local mode, created, fields = ARGV[1], 0, {}
for i = 2, #ARGV, 2 do fields[i / 2] = ARGV[i] end
local rows, journal = redis.call('HMGET', KEYS[1], unpack(fields)), redis.call('HMGET', KEYS[2], unpack(fields))
local written, noted = {}, {}
for i, field in ipairs(fields) do
  local old, value, before = rows[i], ARGV[2 * i + 1], journal[i]
  if not old then created = created + 1 end
  if mode ~= 'new' or not old then
    if mode == 'note' then value = old or '' end
    written[#written + 1], written[#written + 2] = field, value
    before = before and string.sub(before, 17) or (old and '+' .. old or '-')
    noted[#noted + 1], noted[#noted + 2] = field, string.sub(redis.sha1hex(value), 1, 16) .. before
  end
end
if #noted > 0 then
  redis.call('HSET', KEYS[2], unpack(noted))
  if mode ~= 'note' then redis.call('HSET', KEYS[1], unpack(written)) end
end
return created
