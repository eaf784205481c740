-- Reads keys of any type in one moment.
-- KEYS: the keys.
-- Returns for each: its type, its milliseconds to live (-1 for ever), and what it holds, flat.
local answers = {}
for i = 1, #KEYS do
  local kind, held = redis.call('TYPE', KEYS[i]).ok, {}
  if kind == 'string' then held = { redis.call('GET', KEYS[i]) }
  elseif kind == 'hash' then held = redis.call('HGETALL', KEYS[i])
  elseif kind == 'set' then held = redis.call('SMEMBERS', KEYS[i])
  elseif kind == 'zset' then held = redis.call('ZRANGE', KEYS[i], 0, -1, 'WITHSCORES')
  end
  answers[i] = { kind, redis.call('PTTL', KEYS[i]), held }
end
return answers
