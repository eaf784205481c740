-- shared: fence
-- Writes whole contacts that have no events yet: logs, ledgers and counts as they are to be, or nothing at all.
-- KEYS: fence of back-fills, arrival counter, set of contacts with events, contacts, tombstones, the load's journal of
-- contacts, counts of each day that is named, then for each contact its log, its two ledgers and its prepared log.
-- ARGV: the load; the arrival counter before and after; for each day the seconds for which it is kept (4 bytes each) and
-- how many counts it has (4 bytes each); for each contact its digest and tombstone (16 bytes each), how many events it
-- has and how long its ledgers and its record are (4 bytes each); the outcomes of all, their verdicts, their records;
-- then the counts, each field and number.
-- Prepared logs have been written before by plain commands, which take a third of the time of those in a script.
-- Returns 1 where all is written, 0 where a contact has events or is erased, or another load has counted arrivals.
local call, sub, unpacked = redis.call, string.sub, struct.unpack
local SHARED, HEAD = 6, 48
local load, seconds, counted, heads = ARGV[1], ARGV[4], ARGV[5], ARGV[6]
local ledgers, records = { ARGV[7], ARGV[8] }, ARGV[9]
local holder = call('GET', KEYS[1])
local refused = refusal(holder or '', load)
if refused then return refused end
if (call('GET', KEYS[2]) or '0') ~= ARGV[2] then return 0 end
local contacts, tombstones, sizes = {}, {}, {}
for at = 1, #heads, HEAD do
  local contact, tombstone, events, outcomes, verdicts, record = unpacked('<c16c16I4I4I4I4', heads, at)
  local n = #contacts + 1
  contacts[n], tombstones[n], sizes[n] = contact, tombstone, { events, outcomes, verdicts, record }
end
for _, flags in ipairs({ call('SMISMEMBER', KEYS[3], unpack(contacts)), call('SMISMEMBER', KEYS[5], unpack(tombstones)) }) do
  for _, flag in ipairs(flags) do
    if flag == 1 then return 0 end
  end
end

for n = 1, #contacts do -- one that expired, as the script came late, is to be written again
  if call('EXISTS', KEYS[#KEYS - 4 * (#contacts - n)]) == 0 then return 0 end
end

local place, key = 10, SHARED + 1
for at = 1, #seconds, 4 do
  local last = place + 2 * (unpacked('<I4', counted, at)) - 1
  local is_new = call('EXISTS', KEYS[key]) == 0
  if not is_new then
    local fields = {}
    for i = place, last, 2 do fields[(i - place) / 2 + 1] = ARGV[i] end
    for i, known in ipairs(call('HMGET', KEYS[key], unpack(fields))) do
      local at = place + 2 * i - 1
      if known then ARGV[at] = ARGV[at] + known end -- a number costs more to write than its text
    end
  end
  call('HSET', KEYS[key], unpack(ARGV, place, last))
  if is_new then call('EXPIRE', KEYS[key], (unpacked('<I4', seconds, at))) end
  place, key = last + 1, key + 1
end
local begins, record = { 1, 1 }, 1 -- where the next ledgers and the next record begin
for n, contact in ipairs(contacts) do
  local length = sizes[n][4]
  call('RENAME', KEYS[key + 3], KEYS[key])
  call('PERSIST', KEYS[key])
  for i, ledger in ipairs(ledgers) do
    local size = sizes[n][1 + i]
    if size > 0 then call('SET', KEYS[key + i], sub(ledger, begins[i], begins[i] + size - 1)) end
    begins[i] = begins[i] + size
  end
  key = key + 4
  local stub = sub(records, record, record + length - 1)
  record = record + length
  if call('HSETNX', KEYS[4], contact, stub) == 1 then
    call('HSETNX', KEYS[6], contact, sub(redis.sha1hex(stub), 1, 16) .. '-')
  end
end
call('SADD', KEYS[3], unpack(contacts))
if ARGV[2] ~= ARGV[3] then call('SET', KEYS[2], ARGV[3]) end
return 1
