-- Applies events to their contacts, each exactly once: log entry and ledger record, or nothing.
-- KEYS: arrival counter, set of contacts with events, contacts, tombstones, counts of each day that is named, then
-- for each group (events of one contact and ledger, in ledger order) its log and ledger.
-- ARGV: how many days, for each the seconds for which it is kept, then for each group: digest of the contact, record
-- of the contact (written where the contact is not known yet), its tombstone, how many events, the place of each
-- one's day (2 bytes, 0 where not counted), their ledger records, and for each event its log entry.
-- Returns for each event: 1 applied, 0 applied before, -1 the contact was erased.
--
-- A ledger is a string of records of one size, in the order of (occurred_at, event_id). A record begins with
-- 8 bytes of time (big-endian) and 8 bytes of the id's digest; an outcome (40 bytes) ends with its arrival number.
local OUTCOME, SHARED, HEAD = 40, 4, 6
local PRODUCT, KIND = { [40] = 25, [48] = 41 }, { [40] = 33, [48] = 45 } -- where a record names them, by its size
local days = tonumber(ARGV[1])
local sub, byte = string.sub, string.byte

local function comes_before(a, b) -- byte by byte; '<' would follow the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function id_of(entry) return string.match(entry, '^%["([^"\\]*)"') or cjson.decode(entry)[1] end

local function precedes(log, old, record, entry) -- whether a record of the ledger stands before a new one
  local at, other = struct.unpack('>I8', record), struct.unpack('>I8', old)
  if other ~= at then return other < at end
  local known = redis.call('HGET', log, sub(old, 9, 16))
  return known and comes_before(id_of(known), id_of(entry))
end

local function insert(group, records, entries)
  if group.tail == '' or precedes(group.log, group.tail, records[1], entries[2]) then
    redis.call('APPEND', group.ledger, table.concat(records)) -- the usual case: news comes last
    return
  end
  local ledger, size, at = redis.call('GET', group.ledger), #records[1], struct.unpack('>I8', records[1])
  local first = #ledger -- from here on old and new are merged
  while first > 0 and struct.unpack('>I8', ledger, first - size + 1) >= at do first = first - size end
  local merged, place = {}, first
  for i, record in ipairs(records) do
    while place < #ledger do
      local old = sub(ledger, place + 1, place + size)
      if not precedes(group.log, old, record, entries[2 * i]) then break end
      merged[#merged + 1], place = old, place + size
    end
    merged[#merged + 1] = record
  end
  redis.call('SETRANGE', group.ledger, first, table.concat(merged) .. sub(ledger, place + 1))
end

local failed -- all is read before the first write, so that a key of a wrong type stops the whole call
local function read(...)
  local found = redis.pcall(...)
  if type(found) == 'table' and found.err then failed = found.err end
  return found
end

local function damage()
  for i = 1, #KEYS do
    local kind = redis.call('TYPE', KEYS[i]).ok
    local right = (i == 1 and 'string') or ((i == 2 or i == 4) and 'set') or 'hash'
    if i > SHARED + days and (i - SHARED - days) % 2 == 0 then right = 'string' end
    if kind ~= 'none' and kind ~= right then
      return redis.error_reply('DAMAGED ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. right)
    end
  end
  return redis.error_reply(failed)
end

local groups, contacts, tombstones = {}, {}, {}
local place, key = days + 2, SHARED + days + 1
while place <= #ARGV do
  local count, digests = tonumber(ARGV[place + 3]), {}
  local g, records = #groups + 1, ARGV[place + 5]
  local size = #records / count
  for i = 1, count do digests[i] = sub(records, size * (i - 1) + 9, size * (i - 1) + 16) end
  groups[g] = {
    log = KEYS[key], ledger = KEYS[key + 1], stub = ARGV[place + 1], first = place + HEAD, digests = digests,
    size = size, days = ARGV[place + 4], records = records,
    known = read('HMGET', KEYS[key], unpack(digests)), tail = read('GETRANGE', KEYS[key + 1], -size, -1),
  }
  contacts[g], tombstones[g] = ARGV[place], ARGV[place + 2]
  place, key = place + HEAD + count, key + 2
end
local logged = read('SMISMEMBER', KEYS[2], unpack(contacts))
local erased = read('SMISMEMBER', KEYS[4], unpack(tombstones))
read('STRLEN', KEYS[1])
read('HLEN', KEYS[3])
local day_is_new = {}
for day = 1, days do day_is_new[day] = read('HLEN', KEYS[SHARED + day]) == 0 end
if failed then return damage() end

local answers, counts = {}, {}
for day = 1, days do counts[day] = {} end

for g, group in ipairs(groups) do
  local records, entries, size, seen, new = {}, {}, group.size, {}, 0
  local first, last = PRODUCT[size], KIND[size]
  local start = #answers
  for i, digest in ipairs(group.digests) do
    if erased[g] == 1 then
      answers[start + i] = -1
    elseif group.known[i] or seen[digest] then
      answers[start + i] = 0
    else
      local record, before = sub(group.records, size * (i - 1) + 1, size * i), byte(group.days, 2 * i - 1) * 256
      local day = counts[before + byte(group.days, 2 * i)]
      answers[start + i], seen[digest] = 1, true
      entries[2 * new + 1], entries[2 * new + 2] = digest, ARGV[group.first + i - 1]
      new = new + 1
      records[new] = record
      if day then
        local what = sub(record, first, last)
        day[what] = (day[what] or 0) + 1
      end
    end
  end
  if new > 0 then
    if size == OUTCOME then
      local arrival = redis.call('INCRBY', KEYS[1], new) - new
      for i = 1, new do records[i] = sub(records[i], 1, -5) .. struct.pack('<I4', arrival + i) end
    end
    redis.call('HSET', group.log, unpack(entries))
    insert(group, records, entries)
    if logged[g] == 0 then
      redis.call('SADD', KEYS[2], contacts[g])
      redis.call('HSETNX', KEYS[3], contacts[g], group.stub)
    end
  end
end
for day, counted in ipairs(counts) do
  local fields, sums = {}, {}
  for what, sum in pairs(counted) do
    fields[#fields + 1] = struct.unpack('<I4', what) .. ':' .. string.byte(what, -1)
    sums[#sums + 1] = sum
  end
  for first = 1, #fields, 1000 do
    local last, set = math.min(first + 999, #fields), {}
    local held = redis.call('HMGET', KEYS[SHARED + day], unpack(fields, first, last))
    for i = first, last do
      set[#set + 1], set[#set + 2] = fields[i], (held[i - first + 1] or 0) + sums[i]
    end
    redis.call('HSET', KEYS[SHARED + day], unpack(set))
  end
  if day_is_new[day] and #fields > 0 then redis.call('EXPIRE', KEYS[SHARED + day], ARGV[1 + day]) end
end
return answers
