-- Erases a contact from its partition, and leaves a tombstone so that nothing of it is taken again.
-- KEYS: log, outcomes, verdicts, set of contacts with events, tombstones, then hashes with one field a contact.
-- ARGV: digest of the contact, its tombstone.
-- Returns how many keys and fields went.
redis.call('SADD', KEYS[5], ARGV[2])
local gone = redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) + redis.call('SREM', KEYS[4], ARGV[1])
for i = 6, #KEYS do gone = gone + redis.call('HDEL', KEYS[i], ARGV[1]) end
return gone
