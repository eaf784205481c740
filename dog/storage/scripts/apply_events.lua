-- Applies events to their contacts, each exactly once: log entry and ledger record, or nothing.
-- KEYS: arrival counter, set of contacts with events, contacts, tombstones, then for each event its contact's log
-- and ledger, and the counts of its day.
-- ARGV for each event: digest of its id, log entry, ledger record, digest of the contact, record of the contact
-- (written where the contact is not known yet), tombstone of the contact, product and kind as the day counts them
-- ('' where not), seconds for which its day is kept.
-- Returns for each: 1 applied, 0 applied before, -1 the contact was erased.
--
-- A ledger is a string of records of one size, in the order of (occurred_at, event_id). A record begins with
-- 8 bytes of time (big-endian) and 8 bytes of the id's digest; an outcome (40 bytes) ends with its arrival number.
local OUTCOME = 40

local function precedes(a, b) -- byte by byte; '<' would follow the server's locale
  for i = 1, math.min(#a, #b) do
    local x, y = string.byte(a, i), string.byte(b, i)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local function insert(log, ledger, record, entry)
  local size = #record
  local length = redis.call('STRLEN', ledger)
  local at = struct.unpack('>I8', record)
  if length == 0 or struct.unpack('>I8', redis.call('GETRANGE', ledger, length - size, length - 1)) < at then
    redis.call('APPEND', ledger, record) -- the usual case: news comes last
    return
  end
  local records, id = redis.call('GET', ledger), nil
  local place = length
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
  redis.call('SETRANGE', ledger, place, record .. string.sub(records, place + 1))
end

for i = 1, #KEYS do -- a wrong type stops the call before the first write
  local kind = redis.call('TYPE', KEYS[i]).ok
  local right = (i == 1 and 'string') or ((i == 2 or i == 4) and 'set') or (i > 4 and i % 3 == 0 and 'string') or 'hash'
  if kind ~= 'none' and kind ~= right then
    return redis.error_reply('DAMAGED ' .. KEYS[i] .. ' holds a ' .. kind .. ', not a ' .. right)
  end
end

local answers = {}
for i = 1, #ARGV / 8 do
  local digest, entry, record, contact, stub, tombstone, counted, kept = unpack(ARGV, 8 * i - 7, 8 * i)
  local log, ledger, day = KEYS[3 * i + 2], KEYS[3 * i + 3], KEYS[3 * i + 4]
  if redis.call('SISMEMBER', KEYS[4], tombstone) == 1 then
    answers[i] = -1
  elseif redis.call('HEXISTS', log, digest) == 1 then
    answers[i] = 0
  else
    if #record == OUTCOME then
      record = string.sub(record, 1, -5) .. struct.pack('<I4', redis.call('INCR', KEYS[1]))
    end
    insert(log, ledger, record, entry)
    redis.call('HSET', log, digest, entry)
    redis.call('SADD', KEYS[2], contact)
    redis.call('HSETNX', KEYS[3], contact, stub)
    if counted ~= '' and redis.call('HINCRBY', day, counted, 1) == 1 then redis.call('EXPIRE', day, kept) end
    answers[i] = 1
  end
end
return answers
