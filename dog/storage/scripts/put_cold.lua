-- Names segments of the archive, unless a later holder of the lease has taken over or their version is active.
-- KEYS: fence, head, cold.   ARGV: fencing token, field, segments, their version ('' for decisions).
-- Returns 1 named, 0 the version is active, -1 fenced.
if tonumber(ARGV[1]) < tonumber(redis.call('GET', KEYS[1]) or '0') then return -1 end
if ARGV[4] ~= '' and redis.call('HGET', KEYS[2], 'multipliers') == ARGV[4] then return 0 end
redis.call('HSET', KEYS[3], ARGV[2], ARGV[3])
return 1
