-- Publishes a week's multipliers: describes the version, notes the week, flips the pointer. Once a week.
-- KEYS: fence, weeks, versions, head.   ARGV: fencing token, week, version, now, description.
-- Returns 1 published, 0 the week was published before, -1 a later holder has taken over.
if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[3], ARGV[3], ARGV[5])
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3] .. '@' .. ARGV[4])
redis.call('HSET', KEYS[4], 'multipliers', ARGV[3])
return 1
