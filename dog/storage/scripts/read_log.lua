-- Reads a contact's record, log and ledgers of one moment: log and ledgers change together.
-- KEYS: contacts, log, outcomes, verdicts.   ARGV: digest of the contact.
return {
  redis.call('HGET', KEYS[1], ARGV[1]), redis.call('HGETALL', KEYS[2]),
  redis.call('GET', KEYS[3]), redis.call('GET', KEYS[4]),
}
