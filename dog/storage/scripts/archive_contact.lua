-- Takes a contact's archived events out of log and ledgers, if nothing has changed since they were read.
-- KEYS: log, outcomes, verdicts.   ARGV: outcomes and verdicts as read, as they are to be, then the log's fields.
-- Returns 1 done, 0 something has come in between.
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] or (redis.call('GET', KEYS[3]) or '') ~= ARGV[2] then return 0 end
for i = 2, 3 do
  if ARGV[i + 1] == '' then redis.call('DEL', KEYS[i]) else redis.call('SET', KEYS[i], ARGV[i + 1]) end
end
for i = 5, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
return 1
