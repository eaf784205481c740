-- Publishes a week's multipliers: describes the version, notes the week, flips the pointer. Once a week.
-- In a replay the week is noted with the replay, and weeks and pointer change with its last week, all at once.
-- KEYS: fence, weeks, versions, head, replay.
-- ARGV: fencing token, week, version, now, description, end of the week (ms), last week of the replay ('' without one).
-- Returns 1 published, 2 replayed, 0 the week was published (or replayed) before, -1 a later holder has taken over.
local week, version, now, ends, last = ARGV[2], ARGV[3], ARGV[4], ARGV[6], ARGV[7]
if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end
if redis.call('HEXISTS', last == '' and KEYS[2] or KEYS[5], week) == 1 then return 0 end
redis.call('HSET', KEYS[3], version, ARGV[5])
if last == '' then
  redis.call('HSET', KEYS[2], week, version .. '@' .. now)
  redis.call('HSET', KEYS[4], 'multipliers', version, 'published_until_ms', ends)
  return 1
end
redis.call('HSET', KEYS[5], week, version)
if week ~= last then return 2 end
local replayed = redis.call('HGETALL', KEYS[5])
for i = 1, #replayed, 2 do
  if tonumber(replayed[i]) then
    local known = redis.call('HGET', KEYS[2], replayed[i])
    local first = known and string.match(known, '@(.*)$') or now -- archived so long after it was first published
    redis.call('HSET', KEYS[2], replayed[i], replayed[i + 1] .. '@' .. first)
  end
end
redis.call('HSET', KEYS[4], 'multipliers', version, 'published_until_ms', ends)
redis.call('DEL', KEYS[5])
return 2
