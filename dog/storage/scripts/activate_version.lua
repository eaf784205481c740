-- Activates a kept version, unless its arrays are in the archive.
-- KEYS: head, cold.   ARGV: version, its field in cold.   Returns 1 active, 0 archived.
if redis.call('HEXISTS', KEYS[2], ARGV[2]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'multipliers', ARGV[1])
return 1
