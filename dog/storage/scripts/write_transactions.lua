-- Writes transactions of contacts, and their purchases, where the stored ones are those that they were merged from.
-- shared: note_row
-- KEYS: transactions, purchases, in a load the journal of the transactions.
-- ARGV: contact, transactions, those that they were merged from ('' for none) and purchases, quadruples.
-- Returns the places, from 0, of those that were not written.
local fields, refused, written, counted, noted = {}, {}, {}, {}, {}
for i = 1, #ARGV, 4 do fields[#fields + 1] = ARGV[i] end
local stored = redis.call('HMGET', KEYS[1], unpack(fields))
local journal = KEYS[3] and redis.call('HMGET', KEYS[3], unpack(fields))
for i, field in ipairs(fields) do
  local old, value = stored[i], ARGV[4 * i - 2]
  if (old or '') == ARGV[4 * i - 1] then
    written[#written + 1], written[#written + 2] = field, value
    counted[#counted + 1], counted[#counted + 2] = field, ARGV[4 * i]
    if journal then noted[#noted + 1], noted[#noted + 2] = field, note_row(journal[i], old, value) end
  else
    refused[#refused + 1] = i - 1
  end
end
if #noted > 0 then redis.call('HSET', KEYS[3], unpack(noted)) end
if #counted > 0 then redis.call('HSET', KEYS[2], unpack(counted)) end
if #written > 0 then redis.call('HSET', KEYS[1], unpack(written)) end
return refused
