-- Erases a contact from its partition, in one go.
-- KEYS: log, outcomes, verdicts, set of contacts with events, then hashes with one field a contact.
-- ARGV: digest of the contact.
-- Returns how many keys and fields went.
local gone = redis.call('DEL', KEYS[1], KEYS[2], KEYS[3]) + redis.call('SREM', KEYS[4], ARGV[1])
for i = 5, #KEYS do gone = gone + redis.call('HDEL', KEYS[i], ARGV[1]) end
return gone
