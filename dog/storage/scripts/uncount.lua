-- Shared by the scripts that take events back: counts one event less in its day. The count of a partition falls below 0
-- where the event was counted in the partition that its contact had before; only sums over all partitions are read.
local KEPT_DAYS = 367

local function uncount(counts, what)
  if redis.call('HINCRBY', counts, what, -1) == 0 then redis.call('HDEL', counts, what) end
  if redis.call('TTL', counts) == -1 then -- new; gone at once where the day is too old to be counted
    redis.call('EXPIREAT', counts, (tonumber(string.match(counts, '%d+$')) + KEPT_DAYS) * 86400)
  end
end

