-- Shared by the scripts that write feedback: while a back-fill holds a partition, only its own load writes there.
local function refusal(holder, load)
  if holder and holder ~= load then return redis.error_reply('BACKFILL another load holds the partition') end
end

