-- Reads all that one request needs of a contact, in one go.
-- KEYS: the set of erased contacts, the contact's own strings, then hashes with one field a contact.
-- ARGV: digest of the contact, its tombstone, how many of the keys are strings.
local answers = { redis.call('SISMEMBER', KEYS[1], ARGV[2]) }
local strings = 1 + tonumber(ARGV[3])
for i = 2, #KEYS do
  if i <= strings then
    answers[i] = redis.call('GET', KEYS[i])
  else
    answers[i] = redis.call('HGET', KEYS[i], ARGV[1])
  end
end
return answers
