-- Writes rows of a load, and notes in the load's journal what each replaced.
-- KEYS: rows, journal.   ARGV: 'all', 'new' (only rows that are not there yet) or 'note' (nothing is written), then field
-- and value, pairs.
-- shared: note_row
-- Returns how many rows were not there.
local mode, created, fields = ARGV[1], 0, {}
for i = 2, #ARGV, 2 do fields[i / 2] = ARGV[i] end
local rows, journal = redis.call('HMGET', KEYS[1], unpack(fields)), redis.call('HMGET', KEYS[2], unpack(fields))
local written, noted = {}, {}
for i, field in ipairs(fields) do
  local old, value = rows[i], ARGV[2 * i + 1]
  if not old then created = created + 1 end
  if mode ~= 'new' or not old then
    if mode == 'note' then value = old or '' end
    written[#written + 1], written[#written + 2] = field, value
    noted[#noted + 1], noted[#noted + 2] = field, note_row(journal[i], old, value)
  end
end
if #noted > 0 then
  redis.call('HSET', KEYS[2], unpack(noted))
  if mode ~= 'note' then redis.call('HSET', KEYS[1], unpack(written)) end
end
return created
