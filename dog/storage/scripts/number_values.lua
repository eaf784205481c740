-- Gives values of attributes their numbers, append only: 1 to 255, and 0 to all further ones.
-- KEYS: for each value the numbers of its attribute.   ARGV: the values.
-- Returns the number of each.
local numbers = {}
for i, value in ipairs(ARGV) do
  local number = redis.call('HGET', KEYS[i], value)
  if not number then
    number = redis.call('HLEN', KEYS[i]) + 1
    if number > 255 then number = 0 else redis.call('HSET', KEYS[i], value, number) end
  end
  numbers[i] = tonumber(number)
end
return numbers
