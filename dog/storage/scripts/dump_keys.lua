-- Reads keys of any type in one moment, but no large one: those of a single contact are read however large they are.
-- KEYS: the keys.
-- Returns for each: its type, its milliseconds to live (-1 for ever), and what it holds, flat; nil where that is large.
local LARGE, sizes = 500, { hash = 'HLEN', set = 'SCARD', zset = 'ZCARD' }
local answers = {}
for i, key in ipairs(KEYS) do
  local kind, held = redis.call('TYPE', key).ok, {}
  local size = sizes[kind]
  if size and redis.call(size, key) > LARGE and not string.find(key, '}:log:', 1, true) then held = nil
  elseif kind == 'string' then held = { redis.call('GET', key) }
  elseif kind == 'hash' then held = redis.call('HGETALL', key)
  elseif kind == 'set' then held = redis.call('SMEMBERS', key)
  elseif kind == 'zset' then held = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
  end
  answers[i] = { kind, redis.call('PTTL', key), held }
end
return answers
