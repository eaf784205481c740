-- Reads all that one request needs of a contact, in one go.
-- KEYS: verdict ledger, then hashes with one field a contact.   ARGV: digest of the contact.
local answers = { redis.call('GET', KEYS[1]) }
for i = 2, #KEYS do
  answers[i] = redis.call('HGET', KEYS[i], ARGV[1])
end
return answers
