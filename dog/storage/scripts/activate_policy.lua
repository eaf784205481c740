-- Makes a stored version of a policy the active one, unless another than the expected one is active by now.
-- KEYS: active versions, head, policies made active by a file, versions of the policy that were active before.
-- ARGV: policy, version, the version that must still be active ('' where none may be, '*' where any may), 1 if a file
-- activates it.
-- Returns the version that is active instead ('' where there is none); nil where it was done.
local active = redis.call('HGET', KEYS[1], ARGV[1]) or ''
if ARGV[3] ~= '*' and active ~= ARGV[3] then return active end
if active ~= '' then redis.call('SADD', KEYS[4], active) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('HINCRBY', KEYS[2], 'policies', 1)
redis.call(ARGV[4] == '1' and 'SADD' or 'SREM', KEYS[3], ARGV[1])
return nil
