-- Reads all that one request needs of a contact, in one go.
-- KEYS: the contact's own strings, then hashes with one field a contact.
-- ARGV: digest of the contact, how many of the keys are strings.
local answers = {}
for i = 1, #KEYS do
  if i <= tonumber(ARGV[2]) then
    answers[i] = redis.call('GET', KEYS[i])
  else
    answers[i] = redis.call('HGET', KEYS[i], ARGV[1])
  end
end
return answers
