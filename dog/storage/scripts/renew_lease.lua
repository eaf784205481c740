-- Prolongs a job's lease, or gives it back (0 milliseconds), if the caller still holds it.
-- KEYS: lease.   ARGV: holder, milliseconds.
-- Returns 1 done, 0 the lease is another's or gone.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if tonumber(ARGV[2]) > 0 then redis.call('PEXPIRE', KEYS[1], ARGV[2]) else redis.call('DEL', KEYS[1]) end
return 1
