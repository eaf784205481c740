-- shared: count_votes
-- shared: uncount
-- Takes one event back as if it had never come: its record leaves the ledger, its vote the votes, its entry becomes a
-- marker that keeps the id from being counted again.
-- KEYS: log, ledger, counts of its day, wide, votes.   ARGV: digest of the id, marker, size of a record, product and
-- kind as the day counts them, its vote's member (empty where it is none).
-- Returns 1 taken back, 0 taken back before, -1 never there.
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if not entry then return -1 end
if cjson.decode(entry)[2] == 0 then return 0 end
local size, records = tonumber(ARGV[3]), redis.call('GET', KEYS[2]) or ''
for place = 1, #records, size do
  if string.sub(records, place + 8, place + 15) == ARGV[1] then
    records = string.sub(records, 1, place - 1) .. string.sub(records, place + size)
    break
  end
end
if records == '' then redis.call('DEL', KEYS[2]) else redis.call('SET', KEYS[2], records) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if ARGV[4] ~= '' then uncount(KEYS[3], ARGV[4]) end
if ARGV[5] ~= '' then
  redis.call('ZREM', KEYS[4], ARGV[5])
  count_votes(KEYS[4], KEYS[5], string.sub(ARGV[5], 1, BALLOT))
end
return 1
