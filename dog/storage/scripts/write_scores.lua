-- Writes arrays of scores where the stored one is older, missing, or the one that the new one was merged from.
-- shared: note_row
-- KEYS: scores, in a load its journal.   ARGV: contact, array, and the array that it was merged from ('' for none), triples.
-- An array begins with 7 bytes of the time to which its scores belong.
-- Returns the places, from 0, of those that were not written.
local fields, refused, written, noted = {}, {}, {}, {}
for i = 1, #ARGV, 3 do fields[#fields + 1] = ARGV[i] end
local stored = redis.call('HMGET', KEYS[1], unpack(fields))
local journal = KEYS[2] and redis.call('HMGET', KEYS[2], unpack(fields))
for i, field in ipairs(fields) do
  local old, value, base = stored[i], ARGV[3 * i - 1], ARGV[3 * i]
  local is_open = base == ''
  if old then is_open = old == base or struct.unpack('<I7', old) < struct.unpack('<I7', value) end
  if is_open then
    written[#written + 1], written[#written + 2] = field, value
    if journal then noted[#noted + 1], noted[#noted + 2] = field, note_row(journal[i], old, value) end
  else
    refused[#refused + 1] = i - 1
  end
end
if #noted > 0 then redis.call('HSET', KEYS[2], unpack(noted)) end
if #written > 0 then redis.call('HSET', KEYS[1], unpack(written)) end
return refused
