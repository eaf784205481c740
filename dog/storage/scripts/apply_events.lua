-- shared: count_votes
-- shared: fence
-- Applies events to their contacts, each exactly once: log entry and ledger record, or nothing.
-- KEYS: arrival counter, set of contacts with events, contacts, tombstones, wide, votes, the load's journal of contacts
-- (without a load: the contacts once more), fence of back-fills, counts of each day that is named, then for each group
-- (events of one contact and ledger, in ledger order) its log and ledger.
-- ARGV: few and long, since each costs as much as some hundred bytes. For each day the seconds for which it is kept
-- (4 bytes each); for each group a head: digest of the contact and its tombstone (16 bytes each), how many events, how
-- large a ledger record of theirs is, how long the record of the contact is (2 bytes each); the records of the
-- contacts (written where the contact is not known yet); for each event the place of its day (2 bytes, 0 where not
-- counted), the length of its log entry (4 bytes), its ledger record; the log entries; for each event that is a vote
-- its place among the events (from 1) and the length of its member (4 bytes each), and the member; the load, empty
-- without one.
-- Returns for each event: 1 applied, 0 applied before, -1 the contact was erased.
--
-- A ledger is a string of records of one size, in the order of (occurred_at, event_id). A record begins with
-- 8 bytes of time (big-endian) and 8 bytes of the id's digest; an outcome (40 bytes) ends with its arrival number.
local OUTCOME, SHARED, HEAD = 40, 8, 38
local EVENT = { [40] = '<I2I4c36xxxx', [48] = '<I2I4c48' } -- of an event, by the size of its record
local COUNTED = { [40] = '<I4xxxxB', [48] = '<I4B' } -- what a day counts, product and kind, and where it begins
local FIRST = { [40] = 25, [48] = 41 }
local sub, call, pack, unpacked = string.sub, redis.call, struct.pack, struct.unpack
local days, heads, stubs, packed, entries, ballots = #ARGV[1] / 4, ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]

local function comes_before(a, b) -- byte by byte; '<' would follow the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function id_of(entry) return string.match(entry, '^%["([^"\\]*)"') or cjson.decode(entry)[1] end

local function precedes(log, old, record, entry) -- whether a record of the ledger stands before a new one
  local at, other = unpacked('>I8', record), unpacked('>I8', old)
  if other ~= at then return other < at end
  local known = call('HGET', log, sub(old, 9, 16))
  return known and comes_before(id_of(known), id_of(entry))
end

local function insert(group, records, added)
  if group.tail == '' or precedes(group.log, group.tail, records[1], added[2]) then
    call('APPEND', group.ledger, #records == 1 and records[1] or table.concat(records)) -- as usual: news comes last
    return
  end
  local ledger, size, at = call('GET', group.ledger), group.size, unpacked('>I8', records[1])
  local first = #ledger -- from here on old and new are merged
  while first > 0 and unpacked('>I8', ledger, first - size + 1) >= at do first = first - size end
  local merged, place = {}, first
  for i, record in ipairs(records) do
    while place < #ledger do
      local old = sub(ledger, place + 1, place + size)
      if not precedes(group.log, old, record, added[2 * i]) then break end
      merged[#merged + 1], place = old, place + size
    end
    merged[#merged + 1] = record
  end
  call('SETRANGE', group.ledger, first, table.concat(merged) .. sub(ledger, place + 1))
end

local failed -- all is read before the first write, so that a key of a wrong type stops the whole call
local function read(...)
  local found = redis.pcall(...)
  if type(found) == 'table' and found.err then failed = found.err end
  return found
end

local function damage()
  for i = 1, #KEYS do
    local kind = call('TYPE', KEYS[i]).ok
    local right = ((i == 1 or i == 8) and 'string') or ((i == 2 or i == 4) and 'set') or (i == 5 and 'zset') or 'hash'
    if i > SHARED + days and (i - SHARED - days) % 2 == 0 then right = 'string' end
    if kind ~= 'none' and kind ~= right then
      return redis.error_reply('DAMAGED ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. right)
    end
  end
  return redis.error_reply(failed)
end

local groups, contacts, tombstones = {}, {}, {}
local key, head, stub, event, entry = SHARED + days + 1, 1, 1, 1, 1 -- where the next of each begins
while head <= #heads do
  local g, digests, records, places, starts = #groups + 1, {}, {}, {}, {}
  local contact, tombstone, count, size, stub_size = unpacked('<c16c16I2I2I2', heads, head)
  local form, length = EVENT[size]
  for i = 1, count do
    starts[i] = entry
    places[i], length, records[i], event = unpacked(form, packed, event)
    digests[i], entry = sub(records[i], 9, 16), entry + length
  end
  starts[count + 1] = entry
  groups[g] = {
    log = KEYS[key], ledger = KEYS[key + 1], size = size, stub = stub, after = stub + stub_size,
    digests = digests, records = records, days = places, starts = starts,
    known = read('HMGET', KEYS[key], unpack(digests)), tail = read('GETRANGE', KEYS[key + 1], -size, -1),
  }
  contacts[g], tombstones[g] = contact, tombstone
  head, key, stub = head + HEAD, key + 2, stub + stub_size
end
local logged = read('SMISMEMBER', KEYS[2], unpack(contacts))
local erased = read('SMISMEMBER', KEYS[4], unpack(tombstones))
read('STRLEN', KEYS[1])
read('HLEN', KEYS[3])
read('ZCARD', KEYS[5])
read('HLEN', KEYS[6])
read('HLEN', KEYS[7])
local holder = read('GET', KEYS[8])
local day_is_new, counts = {}, {}
for day = 1, days do
  day_is_new[day], counts[day] = read('HLEN', KEYS[SHARED + day]) == 0, {}
end
if failed then return damage() end
local refused = refusal(holder, ARGV[7])
if refused then return refused end

local answers, outcomes = {}, 0
for g, group in ipairs(groups) do
  local known, new, seen = group.known, {}, {}
  for i, digest in ipairs(group.digests) do
    local answer = 1
    if erased[g] == 1 then
      answer = -1
    elseif known[i] or seen[digest] then
      answer = 0
    else
      seen[digest], new[#new + 1] = true, i
    end
    answers[#answers + 1] = answer
  end
  group.new = new
  if group.size == OUTCOME then outcomes = outcomes + #new end
end
local arrival = outcomes > 0 and call('INCRBY', KEYS[1], outcomes) - outcomes

for g, group in ipairs(groups) do
  local records, added, size, starts = {}, {}, group.size, group.starts
  local form, first = COUNTED[size], FIRST[size]
  for n, i in ipairs(group.new) do
    local record, counted = group.records[i], counts[group.days[i]]
    added[2 * n - 1], added[2 * n] = group.digests[i], sub(entries, starts[i], starts[i + 1] - 1)
    if counted then
      local product, kind = unpacked(form, record, first)
      local what = product * 256 + kind
      counted[what] = (counted[what] or 0) + 1
    end
    if size == OUTCOME then
      arrival = arrival + 1
      record = record .. pack('<I4', arrival)
    end
    records[n] = record
  end
  if #records > 0 then
    call('HSET', group.log, unpack(added))
    insert(group, records, added)
    if logged[g] == 0 then
      call('SADD', KEYS[2], contacts[g])
      local record = sub(stubs, group.stub, group.after - 1)
      if call('HSETNX', KEYS[3], contacts[g], record) == 1 and KEYS[7] ~= KEYS[3] then
        call('HSETNX', KEYS[7], contacts[g], sub(redis.sha1hex(record), 1, 16) .. '-')
      end
    end
  end
end
local place = 1
while place < #ballots do
  local index, length = unpacked('<I4I4', ballots, place)
  local member = sub(ballots, place + 8, place + 7 + length)
  if answers[index] == 1 then
    call('ZADD', KEYS[5], 0, member)
    count_votes(KEYS[5], KEYS[6], sub(member, 1, BALLOT))
  end
  place = place + 8 + length
end
for day, counted in ipairs(counts) do
  for what, sum in pairs(counted) do
    local kind = what % 256
    call('HINCRBY', KEYS[SHARED + day], (what - kind) / 256 .. ':' .. kind, sum)
  end
  if day_is_new[day] and next(counted) then
    local seconds = unpacked('<I4', ARGV[1], 4 * day - 3)
    call('EXPIRE', KEYS[SHARED + day], seconds)
  end
end
return answers
