-- Counts one lap of a contact, in all and in its week; called only for a decision kept for the first time.
-- KEYS: laps, laps of the week.   ARGV: digest of the contact.
local laps = redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
if redis.call('HINCRBY', KEYS[2], ARGV[1], 1) == 1 then
  redis.call('EXPIRE', KEYS[2], 36288000) -- 60 weeks, longer than a week stays open
end
return laps
