-- Makes rows what they were before a load, by its journal; a row that was changed since stays as it is.
-- KEYS: rows, journal, set of contacts with events, transactions.   ARGV: field, and the record that a new contact keeps
-- where it has events or transactions by now ('' for rows that are not contacts), pairs.
-- Returns for each: 1 done, now or before, 0 changed since.
local answers = {}
for i = 1, #ARGV, 2 do
  local field, stub, answer = ARGV[i], ARGV[i + 1], 0
  local noted, current = redis.call('HGET', KEYS[2], field), redis.call('HGET', KEYS[1], field)
  if not noted then
    answer = 1
  elseif string.sub(redis.sha1hex(current or ''), 1, 16) == string.sub(noted, 1, 16) then
    answer = 1
    if string.sub(noted, 17, 17) == '+' then
      redis.call('HSET', KEYS[1], field, string.sub(noted, 18))
    elseif stub ~= ''
      and (redis.call('SISMEMBER', KEYS[3], field) == 1 or redis.call('HEXISTS', KEYS[4], field) == 1)
    then
      redis.call('HSET', KEYS[1], field, stub)
    else
      redis.call('HDEL', KEYS[1], field)
    end
  end
  redis.call('HDEL', KEYS[2], field)
  answers[#answers + 1] = answer
end
return answers
