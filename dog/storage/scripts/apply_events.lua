-- Applies events to their contacts, each exactly once: log entry and ledger record, or nothing.
-- KEYS: arrival counter, set of contacts with events, contacts, tombstones, counts of each day that is named, then
-- for each group (events of one contact and ledger, in ledger order) its log and ledger.
-- ARGV: how many days, for each the seconds for which it is kept, then for each group: digest of the contact, record
-- of the contact (written where the contact is not known yet), its tombstone, how many events, and for each event:
-- digest of its id, log entry, ledger record, place of its day (0 where not counted), product and kind as it counts.
-- Returns for each event: 1 applied, 0 applied before, -1 the contact was erased.
--
-- A ledger is a string of records of one size, in the order of (occurred_at, event_id). A record begins with
-- 8 bytes of time (big-endian) and 8 bytes of the id's digest; an outcome (40 bytes) ends with its arrival number.
local OUTCOME, SHARED, HEAD, FIELDS = 40, 4, 4, 5
local days = tonumber(ARGV[1])

local function precedes(a, b) -- byte by byte; '<' would follow the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function place_of(log, records, record, entry) -- where in a ledger a record belongs, from its end
  local size, at, id = #record, struct.unpack('>I8', record), nil
  local place = #records
  while place > 0 do
    local other = struct.unpack('>I8', records, place - size + 1)
    if other < at then break end
    if other == at then
      id = id or cjson.decode(entry)[1]
      local known = redis.call('HGET', log, string.sub(records, place - size + 9, place - size + 16))
      if known and precedes(cjson.decode(known)[1], id) then break end
    end
    place = place - size
  end
  return place
end

local function insert(group, records, entries)
  local tail = group.tail
  if tail == '' or struct.unpack('>I8', tail) < struct.unpack('>I8', records[1]) then
    redis.call('APPEND', group.ledger, table.concat(records)) -- the usual case: news comes last
    return
  end
  local ledger, first = redis.call('GET', group.ledger), math.huge
  for i = 1, #records do
    local place = place_of(group.log, ledger, records[i], entries[2 * i])
    ledger, first = string.sub(ledger, 1, place) .. records[i] .. string.sub(ledger, place + 1), math.min(first, place)
  end
  redis.call('SETRANGE', group.ledger, first, string.sub(ledger, first + 1))
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
  for i = 1, count do digests[i] = ARGV[place + HEAD + FIELDS * (i - 1)] end
  local g, size = #groups + 1, #ARGV[place + HEAD + 2]
  groups[g] = {
    log = KEYS[key], ledger = KEYS[key + 1], stub = ARGV[place + 1], first = place + HEAD, digests = digests,
    known = read('HMGET', KEYS[key], unpack(digests)), tail = read('GETRANGE', KEYS[key + 1], -size, -1),
  }
  contacts[g], tombstones[g] = ARGV[place], ARGV[place + 2]
  place, key = place + HEAD + FIELDS * count, key + 2
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
  local records, entries, seen = {}, {}, {}
  for i, digest in ipairs(group.digests) do
    local at = group.first + FIELDS * (i - 1)
    if erased[g] == 1 then
      answers[#answers + 1] = -1
    elseif group.known[i] or seen[digest] then
      answers[#answers + 1] = 0
    else
      answers[#answers + 1], seen[digest] = 1, true
      entries[#entries + 1], entries[#entries + 2], records[#records + 1] = digest, ARGV[at + 1], ARGV[at + 2]
      local day, counted = counts[tonumber(ARGV[at + 3])], ARGV[at + 4]
      if day then day[counted] = (day[counted] or 0) + 1 end
    end
  end
  if #records > 0 then
    if #records[1] == OUTCOME then
      local arrival = redis.call('INCRBY', KEYS[1], #records) - #records
      for i = 1, #records do records[i] = string.sub(records[i], 1, -5) .. struct.pack('<I4', arrival + i) end
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
  for field, count in pairs(counted) do redis.call('HINCRBY', KEYS[SHARED + day], field, count) end
  if day_is_new[day] and next(counted) then redis.call('EXPIRE', KEYS[SHARED + day], ARGV[1 + day]) end
end
return answers
