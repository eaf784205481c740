-- Counts the laps of some contacts that a batch has served, each once, in all and in the week of its list.
-- KEYS: how far the batch has counted in this partition, laps, then the laps of each week.
-- ARGV: expiry of the first in seconds, the new place, then for each contact: digest, its place, number of its week's
-- key, 1 to count it although its place was passed before (a contact that came in between), else 0.
-- Returns how many were counted.
local done = redis.call('GET', KEYS[1]) or ''
local counted = 0
for i = 3, #ARGV, 4 do
  if ARGV[i + 1] > done or ARGV[i + 3] == '1' then
    local week = KEYS[2 + tonumber(ARGV[i + 2])]
    redis.call('HINCRBY', KEYS[2], ARGV[i], 1)
    if redis.call('HINCRBY', week, ARGV[i], 1) == 1 then
      redis.call('EXPIRE', week, 36288000) -- 60 weeks, as count_lap.lua
    end
    counted = counted + 1
  end
end
if ARGV[2] > done then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[1])
end
return counted
