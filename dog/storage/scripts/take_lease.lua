-- Takes a job's lease if nobody holds it, with the next fencing token.
-- KEYS: lease, fence.   ARGV: holder, milliseconds.
-- Returns the token, or 0 where another holds the lease.
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
  return redis.call('INCR', KEYS[2])
end
return 0
