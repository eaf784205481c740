-- Gives products their dense numbers, append only, and stores their records. A product that only feedback or scores
-- name gets a number but no record, so that it is known not to be loaded.
-- KEYS: numbers, records.   ARGV: product id, record ('' leaves what is known), pairs.
-- Returns the number of each.
local numbers = {}
for i = 1, #ARGV, 2 do
  local id, record = ARGV[i], ARGV[i + 1]
  local number = redis.call('HGET', KEYS[1], id)
  if not number then
    number = redis.call('HLEN', KEYS[1])
    redis.call('HSET', KEYS[1], id, number)
  end
  if record ~= '' then redis.call('HSET', KEYS[2], id, record) end
  numbers[#numbers + 1] = tonumber(number)
end
return numbers
